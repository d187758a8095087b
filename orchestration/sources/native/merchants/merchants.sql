select * from delivered
