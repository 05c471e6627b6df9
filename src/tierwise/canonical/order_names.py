"""What the columns of orders are called, in ranks: the first rank that has any of the source's columns wins.

Names are written as `tierwise.canonical.headers.plain` leaves them: half width, lower case, without blanks,
punctuation and brackets.
"""

from __future__ import annotations

Ranks = tuple[frozenset[str], ...]


def ranks(*groups: str) -> Ranks:
    """Return ranks of names, each written as words in one string."""
    return tuple(words(group) for group in groups)


def words(group: str) -> frozenset[str]:
    """Return the names of one string."""
    return frozenset(group.split())


CUSTOMER_ID = ranks(
    "customerid custid customerno customernumber customercode customerkey clientid clientno clientcode memberid memberno "
    "membernumber membercode accountid accountno 客户编号 客户id 客户号 客户代码 客户编码 客户号码 顾客编号 顾客id 顾客号 "
    "会员号 会员id 会员编号 会员卡号 会员代码 会员编码 客戶編號 會員編號 會員號",
    "userid useridentifier userno uid 用户id 用户编号 用户号 用户编码 buyerid 买家id 买家编号 买家会员名 买家账号 contactid "
    "shopperid householdkey householdid openid unionid patientid donorid guestid",
    "customer client member user buyer account shopper donor 客户 顾客 会员 用户 买家 买家昵称 客户昵称 会员昵称 用户昵称 "
    "会员名 用户名 客户名 username 下单帐号 下单账号 下单账户 auftraggeber kundennummer kundennr kunde debitor kundenid",
    "phone mobile phonenumber mobilephone 手机号 手机号码 手机 联系电话 联系手机 收货人手机 "
    "会员手机号 会员手机 顾客手机号 顾客手机 用户手机号 用户手机 下单手机 联系人手机 客户手机号 买家手机号 "
    "买家手机 买家电话 下单人手机号 收货人手机号 收件人手机 收件人手机号 收货人电话 收件人电话 电话",
    "email emailaddress customeremail buyeremail billingemail 邮箱 电子邮箱 电子邮件 买家邮箱",
    # Names come last: many people share one.
    "客户名称 客户姓名 会员姓名 顾客姓名 买家姓名 customername membername buyername clientname accountname",
)
ORDER_ID = ranks(
    "orderid orderno ordernumber ordercode ordersn orderkey 订单号 订单编号 订单id 订单号码 订单编码 主订单编号 主订单号 "
    "主订单id 訂單編號 amazonorderid bestellnummer auftragsnummer "
    "belegnummer rechnungsnummer verkaufsbeleg invoiceno invoiceid invoicenumber invoicenum transactionid transactionno transactionnumber "
    "salesorderid salesorderno receiptno receiptid receiptnumber billno basketid 交易号 交易编号 流水号 交易流水号 单号 "
    "小票号 销售单号 单据编号 单据号 发票号 orderreference 订单关联 订单引用 订单参考",
    "order invoice transaction receipt 订单 交易 发票",
)
CHANNEL = ranks(
    "channel saleschannel orderchannel 渠道 销售渠道 来源渠道 购买渠道 订单渠道 订单来源 平台 platform",
    "source 来源",
)

QUANTITY = ranks(
    "quantity qty units unitssold itemquantity orderquantity 数量 购买数量 商品数量 件数 销售数量 宝贝总数量"
)

UNIT_PRICE = ranks("unitprice itemprice 单价 商品单价 销售单价", "price 价格 售价")

DISCOUNT = ranks("discount discountamount totaldiscount 优惠金额 优惠 折扣金额 折扣 优惠总额 优惠券金额 减免金额")

ORDERS: dict[str, Ranks] = {
    "customer_id": CUSTOMER_ID,
    "order_id": ORDER_ID,
    "order_date": ranks(
        "orderdate ordertime orderdatetime orderedat orderat orderedon orderplacedat 下单时间 下单日期 订单日期 订单时间 "
        "订单创建时间 订单成交时间 订单提交时间 拼单成功时间 "
        "invoicedate invoicetime transactiondate transactiontime transactiondatetime purchasedate "
        "purchasetime purchasedat purchasetimestamp orderpurchasetimestamp saledate salesdate 购买时间 购买日期 交易时间 "
        "交易日期 消费时间 消费日期 成交时间 成交日期 销售日期 销售时间 開單日期 开单日期 bestelldatum rechnungsdatum belegdatum",
        "付款时间 订单付款时间 买家付款时间 支付时间 付款日期 支付日期 paymentdate paymenttime paiddate paidat paydate paytime",
        "date datetime timestamp time day datum 日期 时间 日期时间 createdat createtime createdate createddate created 创建时间 创建日期",
    ),
    "amount": ranks(
        "实付金额 订单实付金额 订单实付款 "
        "实付款 实付 实收金额 实收 实际支付金额 买家实际支付金额 买家实付金额 支付金额 付款金额 实际付款 "
        "用户实付金额 用户实付 顾客实付金额 顾客实付 买家实付 实付总额 paidamount "
        "amountpaid paymentamount paymentvalue netamount",
        "amount orderamount totalamount ordertotal ordervalue transactionamount salesamount saleamount invoiceamount "
        "purchaseamount gesamtbetrag rechnungsbetrag nettowert "
        "商家实收金额 商家应收金额 商家实收 店铺实收 净销售额 netsales netrevenue nrevenue "
        "订单金额 消费金额 交易金额 成交金额 销售金额 购买金额 订单总额 订单总金额 交易额 成交额",
        "revenue sales total totalprice totalsales grandtotal totalrevenue totalvalue monetary spend spent value sale "
        "金额 总金额 总价 合计 总额 销售额 消费额 價格 betrag umsatz gesamtpreis summe linetotal lineamount extendedprice subtotal 小计",
    ),
    "quantity": QUANTITY,
    "unit_price": UNIT_PRICE,
    "discount": DISCOUNT,
    "coupon": ranks(
        "coupon couponcode discountcode promocode vouchercode voucher 优惠券 优惠券码 优惠码 优惠券编号 优惠券名称"
    ),
    "cost": ranks("cost costamount totalcost ordercost cogs costofgoods 成本 成本金额 总成本 商品成本 订单成本 成本价"),
    "status": ranks(
        "status orderstatus financialstatus paymentstatus 订单状态 状态 交易状态 支付状态 付款状态",
        "type ordertype transactiontype 订单类型 交易类型 单据类型 类型",
    ),
    "currency": ranks("currency currencycode ordercurrency 币种 货币 货币代码 币别"),
    "channel": CHANNEL,
    "store": ranks(
        "store storename storeid storecode shop shopname shopid branch outlet 门店 门店名称 门店编号 店铺 店铺名称 店铺编号 店名"
    ),
    "refunded_amount": ranks("refundedamount refundamount amountrefunded 退款金额 已退款金额 退款"),
}
