{{ config(materialized='table') }} select {{ m() }} from {{ ref('a') }}
