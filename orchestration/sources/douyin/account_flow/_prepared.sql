-- One row per movement on a shop's account. Ids may stand behind an apostrophe or a tab, which keep
-- spreadsheets from rounding them. A scene is named by its label: its number is its place below.
with

texts as (
    select
        _row_number,
        trim("动帐流水号", concat(chr(39), chr(9), ' ')) as flow_id,
        trim("订单号", concat(chr(39), chr(9), ' ')) as order_id,
        trim("售后编号", concat(chr(39), chr(9), ' ')) as after_sale_service_number,
        trim("动账时间", concat(chr(39), chr(9), ' ')) as time_text,
        trim("动账方向") as direction_text,
        trim("动账金额") as amount_text,
        trim("动账场景") as scene_text,
        [
            '其他',
            '消费者赔付',
            '小额打款',
            '判罚扣款',
            '物流赔付',
            '充值保证金',
            '权益保险',
            '欠票扣款-商家开票',
            '公益捐款',
            '上门取件运费',
            '供应链QIC费用',
            '抖音支付与商家联合补贴营销活动',
            '抖音月付与商家联合补贴营销活动',
            '抖音月付与商家联合贴息活动',
            '放心借·贷款还款',
            '人工调账',
            '提前收款',
            '充值千川广告费',
            '营销费用-评价有礼',
            '年框返点',
            '抖店货款充值云仓服务账户',
            '供应链平台代发费用',
            '退款-结算后退款-退用户',
            '退款-订单退款触发-退补贴',
            '退款-价保补差退回',
            '退款-退转付扣减商家货款',
            '退款-极速退二阶段商家资金回补',
            '退款-商家赔付扣减商家货款',
            '退款-极速退二次售后-退用户',
            '上门取件平台分佣',
            '货款结算入账',
            '货款完结分账-执照注销场景',
            '保证金垫付退款结算分账',
            '福袋业务结算入账',
            '退款-订单退款触发-分账',
            '退款-订单退款触发-退分账',
            '退款-价保补差',
            '退款-退款失败资金退回',
            '退款-赔付失败资金退回',
            '上门取件结算入账',
            '上门取件保司理赔金',
            '上门取件平台激励金',
            '上门取件平台改派补贴',
            '佣金入账',
            '提现',
            '提现退票',
            '买贵赔-平台转账',
            '买贵赔-退回平台',
            '以旧换新补贴追缴用户退回平台',
            '以旧换新商户红包补贴发放',
            '以旧换新商户红包补贴退回',
            '超期自动结算',
            '超期自动结算其他方分账',
            '平台返现/返券活动追缴用户退回平台',
            '维修服务费用',
            '平台赔付',
            '抖音电商生鲜官方保障-服务费扣款',
            '抖音电商生鲜官方保障-售后退赔费用平台补偿',
            '消费者售后退赔-商家垫付后平台补偿',
            '国补SN拍照服务'
        ] as scenes
    from delivered
),

typed as (
    select
        *,
        regexp_full_match(coalesce(amount_text, ''), '[+-]?[0-9]{1,12}([.][0-9]{1,2})?')
        and not (coalesce(direction_text = '入账', false) and starts_with(amount_text, '-'))
            as is_amount,
        case direction_text when '入账' then 0 when '出账' then 1 end as direction,
        list_position(scenes, scene_text) - 1 as scene,
        parse_local(time_text) as local_time
    from texts
)

select
    *,
    case when is_amount then abs(cast(cast(amount_text as decimal(14, 2)) * 100 as bigint)) end
        as amount,
    to_utc(local_time) as flowed_at
from typed
