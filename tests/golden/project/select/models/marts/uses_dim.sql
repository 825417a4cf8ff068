select * from {{ ref('dim') }} a join {{ ref('dim', version=1) }} b on a.id = b.id
