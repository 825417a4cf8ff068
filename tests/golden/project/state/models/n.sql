select 'new'
