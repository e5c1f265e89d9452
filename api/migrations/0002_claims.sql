-- Whom of the archive an invite is for, and who of the archive a member is. The archive knows them by these ids and names; of the
-- archive itself nothing is kept here.

alter table invites add column for_member text;
alter table invites add column for_name text;

alter table members add column archived text;
-- Nobody of the archive is two.
create unique index members_archived on members (circle, archived);
