"""What the columns of the tables beside orders are called; written as `tierwise.canonical.headers.plain` leaves them."""

from __future__ import annotations

from tierwise.canonical.order_names import CHANNEL, CUSTOMER_ID, DISCOUNT, ORDER_ID, QUANTITY, UNIT_PRICE, Ranks, ranks

_OPENED_AT = ranks(
    "openedat opened openat submittedat submitted createdat created createtime openedon reportedat 提交时间 创建时间 "
    "提交日期 创建日期 建单时间 受理时间 反馈时间",
    "date datetime time timestamp 日期 时间",
)

CUSTOMERS: dict[str, Ranks] = {
    "customer_id": CUSTOMER_ID[:2]
    + ranks("id recordid recid uniqueid customer client member user account 客户 会员 用户 编号"),
    "name": ranks(
        "name customername fullname membername accountname clientname 姓名 客户姓名 客户名称 会员姓名 名称 会员名称 客户名",
        "nickname username 昵称 会员昵称 用户名",
    ),
    "phone": ranks(
        "phone mobile phonenumber mobilephone telephone tel 手机号 手机号码 手机 电话 联系电话 联系方式 会员手机号"
    ),
    "email": ranks("email emailaddress mail 邮箱 电子邮箱 电子邮件"),
    "kind": ranks("kind customertype clienttype customerkind 客户类型 客户性质 类型"),
    "gender": ranks("gender sex 性别"),
    "birth_date": ranks("birthdate birthday dateofbirth dob 生日 出生日期 出生年月"),
    "region": ranks("region province state area 地域 地区 省份 省 区域 大区", "country 国家"),
    "city": ranks("city town 城市 市 所在城市"),
    "address": ranks(
        "address streetaddress postaladdress fulladdress mailingaddress 地址 详细地址 通讯地址 联系地址 收货地址 客户地址 住址 公司地址",
        "shippingaddress billingaddress address1",
    ),
    "occupation": ranks("occupation job profession jobtitle 职业 职位"),
    "industry": ranks("industry sector 行业 所属行业"),
    "employees": ranks("employees employeecount headcount numberofemployees 员工数 员工人数 人员规模"),
    "annual_revenue": ranks("annualrevenue yearlyrevenue turnover 年营收 年营业额 年收入 营业收入"),
    "registered_at": ranks(
        "registeredat registrationdate registeredon signupdate signedupat joindate joinedat memberesince 注册日期 注册时间 "
        "入会日期 入会时间 开户日期 开卡日期 dtcustomer",
        "createdat createddate created 创建时间 创建日期",
    ),
    "source_channel": ranks(
        "sourcechannel acquisitionchannel referralsource 来源渠道 获客渠道 客户来源 注册渠道",
        "source channel 来源 渠道",
    ),
    "owner": ranks("owner salesperson accountmanager accountowner 负责人 销售 销售员 客户经理 业务员 跟进人"),
    "acquisition_cost": ranks("acquisitioncost cac 获客成本"),
    "tags": ranks("tags tag labels 标签 客户标签"),
    "attributes": ranks("attributes extra customfields 其他属性 扩展属性"),
}

ORDER_LINES: dict[str, Ranks] = {
    "order_id": ORDER_ID,
    "product_id": ranks(
        "productid productcode sku skuid itemid itemcode stockcode productno asin "
        "商品编号 商品id 商品编码 货号 sku编码 产品编号 商品代码 款号",
        "product productname item itemname description lineitemname lineitemsku 商品 商品名称 产品 产品名称 品名 宝贝标题 标题",
    ),
    "category": ranks(
        "category productcategory categoryname department 品类 类目 分类 商品分类 商品类目 商品类别 类别"
    ),
    "quantity": QUANTITY,
    "unit_price": UNIT_PRICE,
    "discount": DISCOUNT,
}

EVENTS: dict[str, Ranks] = {
    "message_id": ranks("messageid eventid usageid 消息编号 消息id 事件编号 事件id"),
    "customer_id": CUSTOMER_ID[:3],
    "event": ranks(
        "event eventname eventtype action behavior behaviour 事件 事件名称 行为 行为类型 动作",
        "featurename feature 功能",
    ),
    "occurred_at": ranks(
        "occurredat eventtime eventdate eventtimestamp usagedate happenedat 发生时间 事件时间 行为时间",
        "timestamp time datetime date createdat 时间 日期 时间戳",
    ),
    "channel": CHANNEL,
    "properties": ranks("properties props params attributes 属性 事件属性 参数"),
}

FEEDBACK: dict[str, Ranks] = {
    "customer_id": CUSTOMER_ID[:3],
    "given_at": ranks(
        "givenat submittedat answeredat reviewdate reviewtime surveydate feedbackdate churndate 反馈时间 评价时间 评论时间 填写时间 "
        "反馈日期 评价日期 评论日期",
        "date datetime time timestamp createdat 日期 时间 创建时间",
    ),
    "kind": ranks("kind feedbacktype feedbackkind 反馈类型 评价类型", "type 类型"),
    "score": ranks("score rating stars npsscore nps satisfaction csat 评分 分数 得分 打分 星级 满意度 推荐分 评价星级"),
    "text": ranks(
        "text comment comments review content feedback feedbacktext message 内容 评论 评价 反馈内容 评价内容 评论内容 意见"
    ),
}

TICKETS: dict[str, Ranks] = {
    "customer_id": CUSTOMER_ID[:3],
    "opened_at": _OPENED_AT,
    "first_response_at": ranks(
        "firstresponseat firstresponsetime firstrespondedat firstreplyat 首次响应时间 首次回复时间"
    ),
    "closed_at": ranks("closedat closed resolvedat solvedat closetime 关闭时间 解决时间 完成时间 结单时间"),
    "priority": ranks("priority urgency severity 优先级 紧急程度"),
    "topic": ranks("topic subject category issuetype tickettype 主题 问题类型 工单类型 标题 分类"),
    "satisfaction": ranks("satisfaction satisfactionscore csat rating score 满意度 评分 满意度评分"),
}

TOUCHES: dict[str, Ranks] = {
    "customer_id": CUSTOMER_ID[:3],
    "sent_at": ranks(
        "sentat sendtime senttime sentdate senddate 发送时间 发送日期 触达时间",
        "date datetime time timestamp 日期 时间",
    ),
    "channel": CHANNEL,
    "campaign": ranks("campaign campaignname campaignid activity 活动 活动名称 营销活动 活动编号"),
    "opened": ranks("opened open isopened 已打开 是否打开 打开"),
    "clicked": ranks("clicked click isclicked 已点击 是否点击 点击"),
    "cost": ranks("cost sendcost 成本 费用 发送成本"),
}

BALANCES: dict[str, Ranks] = {
    "customer_id": CUSTOMER_ID[:3],
    "as_of_date": ranks("asofdate asof balancedate snapshotdate 截止日期 统计日期 快照日期", "date month 日期 月份"),
    "assets": ranks("assets aum balance totalassets 资产 资产规模 资产总额 余额 总资产 管理资产"),
}

REFERRALS: dict[str, Ranks] = {
    "customer_id": ranks(
        "referrerid referrer referrercustomerid inviterid inviter 推荐人 推荐人编号 邀请人 邀请人编号 推荐客户编号"
    )
    + CUSTOMER_ID[:3],
    "referred_customer_id": ranks(
        "referredcustomerid referredid referred refereeid referee inviteeid invitee newcustomerid 被推荐人 被推荐人编号 被推荐客户 "
        "被推荐客户编号 被邀请人 被邀请人编号 新客户编号"
    ),
    "referred_at": ranks(
        "referredat referraldate referredon invitedat 推荐日期 推荐时间 邀请时间 邀请日期",
        "date datetime time createdat 日期 时间",
    ),
}

POINTS: dict[str, Ranks] = {
    "entry_id": ranks("entryid pointsid transactionid 流水号 积分流水号 变动编号"),
    "customer_id": CUSTOMER_ID[:3],
    "changed_at": ranks(
        "changedat changetime earnedat 变动时间 积分时间", "date datetime time timestamp createdat 日期 时间"
    ),
    "points": ranks("points pointschange pointsdelta 积分 积分变动 变动积分"),
    "reason": ranks("reason type remark 变动原因 原因 备注"),
}

CONSENTS: dict[str, Ranks] = {
    "customer_id": CUSTOMER_ID[:3],
    "purpose": ranks("purpose 用途 授权用途"),
    "channel": CHANNEL,
    "granted": ranks("granted consent optin agreed 同意 是否同意 授权"),
    "given_at": ranks(
        "givenat consentedat consenttime 授权时间 同意时间", "date datetime time timestamp createdat 日期 时间"
    ),
    "source": ranks("source 来源 授权来源"),
    "text_version": ranks("textversion policyversion version 条款版本 协议版本"),
    "proof": ranks("proof evidence 凭证 授权凭证"),
}

HOLDOUTS: dict[str, Ranks] = {
    "customer_id": CUSTOMER_ID[:3],
    "experiment": ranks("experiment experimentname campaign 实验 实验名称 活动"),
    "held_since": ranks("heldsince holdoutsince 进入日期 对照开始日期", "date 日期"),
}
