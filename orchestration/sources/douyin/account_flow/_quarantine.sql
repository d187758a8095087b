-- Values of a movement that the mapping could not carry over.
with

complaints as (
    select
        _row_number,
        unnest([
            {
                'name': '动帐流水号',
                'text': flow_id,
                'wanted': 'number',
                'is_wrong': coalesce(flow_id, '') = ''
            },
            {
                'name': '动账金额',
                'text': amount_text,
                'wanted': 'amount in yuan',
                'is_wrong': not is_amount
            },
            {
                'name': '动账方向',
                'text': direction_text,
                'wanted': 'known direction',
                'is_wrong': direction is null
            },
            {
                'name': '动账场景',
                'text': scene_text,
                'wanted': 'known scene',
                'is_wrong': coalesce(scene, -1) < 0
            },
            {
                'name': '动账时间',
                'text': time_text,
                'wanted': 'time',
                'is_wrong': local_time is null
            }
        ]) as complaint
    from prepared
)

select
    _row_number,
    complaint.name as column_name,
    concat(
        complaint.name, ' ', chr(39), left(complaint.text, 40), chr(39), ' is no ', complaint.wanted
    ) as reason
from complaints
where complaint.is_wrong
