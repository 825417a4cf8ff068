\echo in third
