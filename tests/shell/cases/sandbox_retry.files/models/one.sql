{{ config(materialized='streaming_table') }} select {{ 'nope_' ~ var('x', 'none') }} as a
