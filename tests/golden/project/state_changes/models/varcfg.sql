{{ config(materialized=var('v2','view')) }} select 1
