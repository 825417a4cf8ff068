select 1 as id, 2 as b, 3 as c from {{ ref('dim', v=2) }}
