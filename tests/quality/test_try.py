import time
from tests.quality.conftest import *
def test_x(warehouse):
    from orchestration.quality.deliveries import audit_deliveries
    import orchestration.quality.engine
    warehouse.history(10)
    ids=[warehouse.deliver(e) for e in ENTITIES]
    bad=warehouse.deliver("orders",pay_amount="100*(10000+i)")
    for _ in range(2):
        t=time.perf_counter(); r=audit_deliveries(warehouse.connection,[*ids,bad],now=NOON); print(time.perf_counter()-t)
    for i in [*ids,bad]:
        print(i,len(r[i]),[str(x) for x in r[i] if not x.success])
def test_600(warehouse):
    from orchestration.quality.deliveries import audit_deliveries
    import resource
    t=time.perf_counter()
    ids=[warehouse.deliver(e, 2000, day=MONDAY-dt.timedelta(days=k)) for k in range(150) for e in ("orders","order_lines","claims","livestream_sessions")]
    print("made",time.perf_counter()-t)
    t=time.perf_counter(); v=[]; r=audit_deliveries(warehouse.connection,ids,now=NOON,validations=v); print("600",time.perf_counter()-t, sum(map(len,r.values())), sum(not x.success for l in r.values() for x in l))
    bad=warehouse.deliver("orders",1_000_000,freight_amount="99999999", updated_at="timestamp '2024-06-01'")
    t=time.perf_counter(); r=audit_deliveries(warehouse.connection,[bad],now=NOON); print("all bad 1M",time.perf_counter()-t, [str(x) for x in r[bad] if not x.success])
    good=warehouse.deliver("orders",1_000_000)
    t=time.perf_counter(); r=audit_deliveries(warehouse.connection,[good],now=NOON); print("all good 1M",time.perf_counter()-t, [str(x) for x in r[good] if not x.success], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1e3)
    t=time.perf_counter(); r=audit_deliveries(warehouse.connection,[1],now=NOON); print("one of 600",time.perf_counter()-t)
