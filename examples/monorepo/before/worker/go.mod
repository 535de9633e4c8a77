module example.com/shop/worker

go 1.21

require example.com/names v1.0.0
