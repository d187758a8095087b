import time
from tests.quality.conftest import *
def test_x(warehouse, tmp_path):
    from orchestration.quality import audit_deliveries, build_data_docs
    warehouse.history(10)
    ids=[warehouse.deliver(e) for e in ENTITIES]
    ids.append(warehouse.deliver("orders",pay_amount="100*(10000+i)", freight_amount="99999999999", customer_id="null"))
    ids.append(warehouse.deliver("customers",quarantined=100, registered_at="timestamp '2030-01-01'"))
    v=[]
    r=audit_deliveries(warehouse.connection,ids,now=NOON,validations=v)
    for i in ids:
        print(i,len(r[i]),[str(x) for x in r[i] if not x.success])
    t=time.perf_counter(); build_data_docs(v,Path("/tmp/quality/docs")); print("docs", time.perf_counter()-t)
