{{ config(with={'changelog.mode': 'upsert', 'kafka.retention.time': var('retention')}) }}
select
    c.customer_id,
    max(c.name) as name,
    max(c.country) as country,
    coalesce(max(r.total), cast(0 as decimal(12, 2))) as revenue
from {{ ref('customers') }} as c
left join {{ ref('revenue') }} as r on r.customer_id = c.customer_id
group by c.customer_id
