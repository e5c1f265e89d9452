-- One text for SQLite and PostgreSQL. Ids are UUIDv7 made in Rust, moments are milliseconds since 1970 (UTC), secrets are hashes.
-- Nothing here is published but what `export` picks: names, roles, comments and the number of their likes.

create table settings (
    name  text not null primary key,
    value text not null
);

create table circles (
    id         text   not null primary key,
    name       text   not null,
    -- How many there are now. A counter, so that one statement can check the capacity and take the seat.
    members    bigint not null default 0,
    created_at bigint not null
);

create table invites (
    id          text   not null primary key,
    circle      text   not null references circles (id),
    selector    text   not null unique,
    secret_hash text   not null,
    link_hash   text   not null unique,
    role        text   not null,
    note        text   not null default '',
    uses        bigint not null default 0,
    max_uses    bigint not null,
    expires_at  bigint,
    revoked_at  bigint,
    created_at  bigint not null
);

create table members (
    id            text   not null primary key,
    circle        text   not null references circles (id),
    name          text   not null,
    -- The name as two people would call it the same; null once erased.
    name_key      text,
    role          text   not null,
    invite        text   references invites (id),
    nonce_hash    text,
    recovery_hash text unique,
    answers       text,
    rules_at      bigint,
    joined_at     bigint not null,
    erased_at     bigint,
    unique (circle, name_key),
    unique (circle, nonce_hash)
);

create table tokens (
    hash       text   not null primary key,
    id         text   not null unique,
    circle     text   not null references circles (id),
    member     text   not null references members (id),
    -- The origin of the page that it was given to; empty when the browser named none.
    origin     text   not null default '',
    created_at bigint not null,
    revoked_at bigint
);
create index tokens_member on tokens (member);

create table comments (
    id            text    not null primary key,
    circle        text    not null references circles (id),
    thread        text    not null,
    parent        text    references comments (id),
    author        text    not null references members (id),
    source        text    not null,
    html          text    not null,
    rules_version bigint  not null,
    -- live; stub: deleted, and holds the place for its answers; gone: deleted, shown nowhere.
    state         text    not null,
    -- Direct answers that are not gone.
    answers       bigint  not null default 0,
    pinned        boolean not null default false,
    created_at    bigint  not null,
    edited_at     bigint,
    deleted_at    bigint
);
create index comments_thread on comments (circle, thread, id);
create index comments_author on comments (author, id);

create table likes (
    comment    text   not null references comments (id),
    member     text   not null references members (id),
    created_at bigint not null,
    primary key (comment, member)
);
create index likes_member on likes (member);

-- What an Idempotency-Key was answered with.
create table answered (
    member       text   not null references members (id),
    key_hash     text   not null,
    request_hash text   not null,
    comment      text   not null,
    created_at   bigint not null,
    primary key (member, key_hash)
);

-- Guesses at codes, by a keyed hash of who guesses; kept here so that a restart forgets none.
create table attempts (
    key        text   not null primary key,
    until      bigint not null,
    tries      bigint not null
);
