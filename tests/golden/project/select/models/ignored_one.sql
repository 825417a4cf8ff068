select broken {{ ref('nothing') }}
