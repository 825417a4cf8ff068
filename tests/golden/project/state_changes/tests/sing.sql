select * from {{ ref('body') }} --
