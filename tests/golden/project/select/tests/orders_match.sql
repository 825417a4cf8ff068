select * from {{ ref('orders') }} o join {{ ref('revenue') }} r on o.id = r.id where 1 = 0
