//! The words, folded: lower case, simplified, letters and digits only. Spaces separate them.

use super::Asks;

/// True if `word` is one of these.
pub(super) fn is(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|known| known == word)
}

/// True if one of these stands in `text`.
pub(super) fn within(words: &str, text: &str) -> bool {
    words.split_whitespace().any(|known| text.contains(known))
}

/// Prefixes and suffixes that programs and people add to a name.
pub(super) const BEFORE: &str = "是否 文章 帖子 日志 日记 笔记 内容 页面 博客 本文 wordpress article entry post page blog note memo topic item hexo hugo wp dg is \
    cd";
pub(super) const AFTER: &str = "flag 标记 标志 设置 setting settings level 与否 吗";

/// Which names ask what.
pub(super) const NAMES: &[(Asks, &str)] = &[
    (
        Asks::Audience,
        "visibility visibilities cansee canview canread seenby viewableto readableto audience privacy viewers visibleto viewableby readableby whocansee whocanview \
         whocanread sharewith sharedwith secrecy viewpermission readpermission viewaccess readaccess acl 可见性 可见 可见范围 \
         可见度 可见权限 可见人 谁能看 谁可以看 谁可见 谁能看见 谁可看 公开范围 公开程度 公开性 公开度 公开级别 公开类型 公开权限 公开状态 可见状态 隐私 隐私范围 隐私状态 隐私级别 阅读权限 查看权限 访问权限 \
         浏览权限 观看权限 查看范围 阅读范围 访问范围 分享范围 密级 保密级别 隐私权限 发布范围 开放范围",
    ),
    (Asks::Permission, "access permission permissions perm perms rights accesscontrol 权限 访问 许可"),
    (
        Asks::Status,
        "status state stage draftstatus visiblestatus privatestatus showstatus displaystatus publicstatus statu rowstatus publishstatus publishingstatus publishedstatus publicationstatus \
         publishstate reviewstatus auditstatus workflow workflowstate approvalstatus docstatus 状态 发布状态 审核状态 审批状态 当前状态 \
         发表状态 写作状态 稿件状态 审核结果",
    ),
    (
        Asks::Kind,
        "type layout kind template 类型 布局 tag tags category categories 标签 分类 label labels folder 栏目 标记",
    ),
    (
        Asks::Draft,
        "draft drafts wip workinprogress unpublished unpublish notpublished nopublish nopublishing dontpublish \
         donotpublish notpublish indraft asdraft ignore exclude unfinished scheduled pending 草稿 草稿箱 草稿状态 未发布 未发表 不发布 \
         不发表 待发布 未完成 未完稿 是草稿 待审 待审核",
    ),
    (
        Asks::Private,
        "private membersaccessrole accessrole accessroles rcpaccess wpmemblock restrictcontent secret encrypted encrypt \
         encryption protected protect confidential internal internalonly personal personalonly privately privatepost \
         onlyme selfonly forme justme authoronly memberonly membersonly membership vip viponly paid paidonly payread \
         paywall paywalled subscribersonly subscriberonly premium login loginrequired requirelogin requireslogin \
         needlogin needslogin loginonly loggedin authrequired requireauth requiresauth needauth auth nonpublic \
         notpublic nopublic 私密 加密 私有 私人 保密 不公开 未公开 非公开 仅自己 仅自己可见 仅我可见 仅本人 仅本人可见 自己可见 私藏 机密 内部 内部资料 仅内部 仅会员 会员可见 仅会员可见 \
         会员专享 付费 付费可见 登录可见 登录后可见 需登录 需要登录 回复可见 加锁 上锁 锁定 加密文章",
    ),
    (
        Asks::Published,
        "published publish publishing publishable online ready enabled enable active approved approve posted 发布 已发布 发表 \
         已发表 上线 已上线 启用 通过 审核通过 已审核 对外发布",
    ),
    (
        Asks::Public,
        "public publicly publicpost publicvisible publicaccess open opened opentoall visible isvisible shown show \
         display displayed everyonecansee 公开 已公开 对外 对外公开 开放 公开发布 公开可见 显示 展示 所有人可见 外部可见 公开访问",
    ),
    (
        Asks::Hidden,
        "hidden hide unlisted unlist notlisted invisible archived disabled disable nolist hidefromlist hidefromlists \
         hiddenfromlist hiddenfromlists hidefromall blocked banned offline 隐藏 隐身 不显示 不展示 屏蔽 下架 已下架 下线 已下线 归档 已归档 不可见 \
         不列出",
    ),
    (Asks::Listed, "listed inlist inlists showinlist showinlists list render 列出 渲染 收录"),
    (Asks::Perhaps, "release released live availability mode sync 可用性"),
    (
        Asks::Deleted,
        "deleted delete trashed trash removed discarded recycled deletedat deletetime deletedtime deletedon deleteflag \
         delflag del recyclebin 已删除 删除 已删 回收站 废弃 已废弃 删除时间 作废",
    ),
    (Asks::Password, "pass pwd psw pw 密钥 秘钥 暗号 accesscode accesskey unlockcode 访问码 提取码"),
];

/// Parts of the names of keys.
pub(super) const OF_KEYS: &str = "password passwd passphrase passcode 密码 口令";

/// Names whose value has settings of the post itself.
pub(super) const AROUND: &str = "params extra meta metadata options option settings setting config custom customfields data frontmatter build \
    properties attributes publishing page post article wordpress hexo hugo halo notion obsidian 其他 属性 设置";

pub(super) const YES: &str = "true yes on 1 y t 是 是的 对 真 有 要 开 开启 启用 √ ✓ ✔ ✅ ☑ x [x]";
pub(super) const NO: &str = "false no off 0 n f 否 不 不是 假 无 没有 未 非 关 关闭 停用 禁用 × ✗ ✘ ❌ ✖ - 不要";

/// Parts of words for "only the author", and whole words.
pub(super) const SELF: &str = "自己 私密 保密 不公开 未公开 非公开 仅我 只我 本人 私有 私人 不对外 机密 绝密";
pub(super) const PRIVATE: &str = "private self onlyme me selfonly justme privatepost personal secret author authoronly owner owneronly \
    confidential internal privat myself meonly nobody noone hiddenfromall 加密 隐私 内部 秘密";
pub(super) const DIRECT: &str = "direct specified mentioned dm directmessage limited selected";
pub(super) const FOLLOWERS: &str = "followers friends follower friend subscribers subscriber contacts followersonly friendsonly fans mutuals paid \
    tiers premium vip";
/// Words for everybody.
pub(super) const PUBLIC: &str = "public everyone all world anyone everybody anybody global open publicly 全部 公共";
/// Words that limit 公开 to fewer people.
pub(super) const LIMITS: &str = "不 未 非 没 无 半 否 停 取消 暂 仅 只 限 勿 禁 前 待 以外 除 付费 会员 登录";

/// States before publication.
pub(super) const DRAFT: &str = "draft drafts autodraft autosave pending pendingreview unpublished notpublished wip workinprogress scheduled \
    schedule future delayed queued queue inreview review underreview needsreview submitted awaitingreview waiting \
    unapproved rejected refused denied hold onhold preview idea outline todo editing writing drafting incomplete \
    unfinished privatedraft 草稿 草稿箱 未发布 未发表 待发布 待发表 待审 待审核 审核中 待审批 未审核 审核未通过 审核不通过 未通过 不通过 驳回 已驳回 定时 定时发布 预约发布 写作中 \
    撰写中 编辑中 未完成 未完稿 半成品 初稿 不发布 暂存 已保存 存稿 待定 待完成 暂不发布";
pub(super) const BIN: &str = "trash trashed deleted delete removed discarded softtrashed softdeleted recycled recycle recyclebin bin \
    abandoned spam 回收站 已删除 删除 已删 垃圾箱 垃圾 废纸篓 废弃 已废弃 弃用 作废 废稿";
pub(super) const HIDDEN: &str = "hidden hide unlisted invisible archived archive offline blocked banned withdrawn suspended disabled inactive \
    expired 隐藏 不可见 不显示 屏蔽 已屏蔽 下架 已下架 下线 已下线 归档 已归档 封禁 禁用 停用 过期 已过期 撤回 已撤回 冻结";
pub(super) const LOCKED: &str = "protected password passwordprotected encrypted encrypt members membersonly 登录可见 回复可见 会员可见 付费 付费可见";
/// States of a published text.
pub(super) const SHOWN: &str = "publish published publishing live visible approved approve accepted passed posted sent online normal active ok \
    enabled shown sticky featured inherit 发布 已发布 发表 已发表 公开发布 正常 通过 审核通过 已通过 已审核 上线 已上线 显示 可见 启用 上架 已上架 置顶";
/// How far its author has got with the text, or with the book it is about. Says nothing about the audience.
pub(super) const PROGRESS: &str = "done finished complete completed final finalized evergreen seedling seed seeding budding growing sapling \
    sprout reading read toread wanttoread watched watching playing played listening current currentlyreading \
    ongoing inprogress progress updating serializing paused dropped started notstarted solved resolved unsolved \
    answered open new old stable beta alpha maintained deprecated outdated obsolete stale mature permanent \
    fleeting literature success successful good translated translating closed locked 关闭 hot happy sad 在读 已读 读完 已读完 \
    想读 未读 在看 看过 已看 想看 在玩 玩过 在听 听过 连载 连载中 更新中 完结 已完结 完成 已完成 进行中 已解决 未解决 已结束 结束 暂停 停更 断更 弃坑 弃读 搁置 长期更新 持续更新 常青 萌芽 \
    成长中 成熟 种子 定稿 已定稿 终稿 翻译中 已翻译 译完 校对中 开坑 挖坑 填坑 开心 难过 原创 转载 读书中 阅读中";

/// Kinds and labels of a text that is not for others. Authors choose labels freely, so only plain words count.
pub(super) const KINDS: &str = "draft drafts autodraft private secret hidden trash trashed unpublished unlisted revision protected 密码保护 受密码保护 \
    wip 草稿 草稿箱 私密 私密日记 私密日志 私密文章 私人 未发布 不公开 仅自己可见 回收站 已删除 隐藏 加密 加密文章 保密";
/// Parts of a page that a theme hides (`hide: [toc]`). They do not hide the page.
pub(super) const PARTS: &str = "toc navigation nav footer header path tags title date author sidebar feedback cover comments image meta \
    breadcrumbs edit description 目录 导航 侧边栏 页脚 标题 评论";
