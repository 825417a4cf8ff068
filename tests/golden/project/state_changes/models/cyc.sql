{% if false %}{{ cyc1() }}{% endif %}
