"""ECPay's side of sandboxd: the store map, pick-up orders and their way, e-invoices."""
import itertools
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ecpay_peer import B2C, C2C, INVOICE, Sandbox, Shop, checked, signed  # noqa: E402

NUMBERS = itertools.count(1)


def unique(word):
    return f"{word}{os.getpid()}x{next(NUMBERS)}"


def parcel(shop, **more):
    fields = {"MerchantTradeNo": unique("P"), "MerchantTradeDate": "2026/11/23 10:00:00", "LogisticsType": "CVS",
              "LogisticsSubType": "UNIMARTC2C", "GoodsAmount": 590, "CollectionAmount": 590, "IsCollection": "Y",
              "GoodsName": "帆布袋", "SenderName": "王小明", "SenderCellPhone": "0912345678", "ReceiverName": "陳怡君",
              "ReceiverCellPhone": "0987654321", "ReceiverStoreID": "131386", "ServerReplyURL": shop.url + "/way", **more}
    return {k: str(v) for k, v in fields.items() if v is not None}


def made(answer, account=C2C):
    assert answer.startswith("1|"), answer
    return checked(account, answer[2:])


def issue(**more):
    items = [{"ItemSeq": 1, "ItemName": "帆布袋", "ItemCount": 2, "ItemWord": "件", "ItemPrice": 300, "ItemTaxType": "1",
              "ItemAmount": 600},
             {"ItemSeq": 2, "ItemName": "折扣", "ItemCount": 1, "ItemWord": "式", "ItemPrice": -10, "ItemTaxType": "1",
              "ItemAmount": -10}]
    return {"RelateNumber": unique("R"), "CustomerEmail": "a@example.com", "Print": "0", "Donation": "0",
            "CarrierType": "1", "CarrierNum": "", "TaxType": "1", "SalesAmount": 590, "InvType": "07", "vat": "1",
            "Items": items, **more}


def allowance(number, amount, **more):
    return {"InvoiceNo": number, "AllowanceNotify": "N", "AllowanceAmount": amount,
            "Items": [{"ItemName": "帆布袋", "ItemCount": 1, "ItemWord": "件", "ItemPrice": amount, "ItemAmount": amount}],
            **more}


class Taiwan(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = Sandbox()

    @classmethod
    def tearDownClass(cls):
        cls.box.close()

    def setUp(self):
        self.shop = Shop()
        self.addCleanup(self.shop.close)

    def refused(self, text, word=""):
        self.assertTrue(text.startswith("0|"), text)
        self.assertIn(word, text)

    def test_a_store_is_chosen_on_the_map(self):
        for sub, store in (("UNIMARTC2C", "131386"), ("FAMIC2C", "006598"), ("OKMARTC2C", "1328"), ("HILIFEC2C", "2001")):
            asked = {"MerchantID": C2C[0], "MerchantTradeNo": "M1", "LogisticsType": "CVS", "LogisticsSubType": sub,
                     "IsCollection": "N", "ServerReplyURL": self.shop.url + "/map", "ExtraData": 'k"1<', "Device": "1"}
            page = self.box.post("/ecpay/Express/map", asked)
            form = next(f for f in page.forms if ("CVSStoreID", store) in f["buttons"])
            self.assertEqual(form["action"], asked["ServerReplyURL"])
            self.assertEqual((form["fields"]["ExtraData"], form["fields"]["LogisticsSubType"]), ('k"1<', sub))
            self.assertTrue(form["fields"]["CVSStoreName"] and form["fields"]["CVSAddress"])
            self.assertNotIn("CheckMacValue", form["fields"])
        for name, value in (("LogisticsSubType", "X"), ("IsCollection", ""), ("ExtraData", "x" * 21),
                            ("ServerReplyURL", "javascript:alert(1)"), ("MerchantID", "1"), ("Device", "2")):
            self.assertIn("10100001", self.box.post("/ecpay/Express/map", {**asked, name: value}).text)

    def test_a_parcel_is_made_once_and_goes_its_way(self):
        fields = parcel(self.shop)
        got = made(self.box.call(C2C, "/Express/Create", **fields))
        self.assertEqual((got["RtnCode"], got["MerchantTradeNo"]), ("300", fields["MerchantTradeNo"]))
        self.assertTrue(got["AllPayLogisticsID"] and got["CVSPaymentNo"] and len(got["CVSValidationNo"]) == 4)
        self.refused(self.box.call(C2C, "/Express/Create", **fields), "重覆")
        for code in (2030, 2073, 2067):
            self.box.control("/logistics", id=got["AllPayLogisticsID"], code=code)
        told = [checked(C2C, body) for body in self.shop.notices("/way", 3)]
        self.assertEqual([t["RtnCode"] for t in told], ["2030", "2073", "2067"])
        self.assertEqual(told[2]["RtnMsg"], "買家已到店取貨")
        self.assertEqual(told[2]["CVSPaymentNo"], got["CVSPaymentNo"])
        by_no = {"MerchantTradeNo": fields["MerchantTradeNo"], "TimeStamp": int(time.time())}
        asked = checked(C2C, self.box.call(C2C, "/Helper/QueryLogisticsTradeInfo/V5", **by_no))
        self.assertEqual((asked["LogisticsStatus"], asked["AllPayLogisticsID"]), ("2067", got["AllPayLogisticsID"]))
        self.assertEqual((asked["CollectionAmount"], asked["LogisticsType"]), ("590", "CVS_UNIMARTC2C"))
        self.refused(self.box.call(C2C, "/Helper/QueryLogisticsTradeInfo/V5", MerchantTradeNo="no",
                                   TimeStamp=int(time.time())))
        self.refused(self.box.call(C2C, "/Helper/QueryLogisticsTradeInfo/V5", MerchantTradeNo="no", TimeStamp=1))

    def test_a_notice_that_is_not_taken_comes_again(self):
        got = made(self.box.call(C2C, "/Express/Create", **parcel(self.shop)))
        self.shop.answers[:] = ["OK"]
        self.box.control("/faults", on="ecpay.logistics", repeat=1, tamper="signature", count=1)
        self.box.control("/logistics", id=got["CVSPaymentNo"], code=2063)
        first, again = self.shop.notices("/way", 2)[:2]
        self.assertEqual(first, again)
        with self.assertRaises(AssertionError):
            checked(C2C, first)

    def test_parcels_against_the_rules_are_refused(self):
        bad = {"GoodsAmount": ("0", "20001", "x"), "CollectionAmount": ("589",), "GoodsName": ("", "a&b", "袋" * 26),
               "SenderName": ("王", "王小明1", "王小明王小明"), "SenderCellPhone": ("0212345678", ""), "ReceiverName": ("王", "Al3x"),
               "ReceiverCellPhone": ("912345678",), "ReceiverStoreID": ("", "x"), "LogisticsType": ("HOME",),
               "LogisticsSubType": ("UNIMART", "SEVEN"), "MerchantTradeDate": ("2026-11-23",), "ServerReplyURL": ("",),
               "MerchantTradeNo": ("a b", "x" * 21), "IsCollection": ("X",)}
        for name, values in bad.items():
            for value in values:
                self.refused(self.box.call(C2C, "/Express/Create", **parcel(self.shop, **{name: value})))
        form = signed(C2C, parcel(self.shop))
        self.refused(self.box.post("/ecpay/Express/Create", {**form, "GoodsAmount": "1"}).text, "CheckMacValue")
        self.refused(self.box.call(("9", *C2C[1:]), "/Express/Create", **parcel(self.shop)))
        made(self.box.call(B2C, "/Express/Create", **parcel(self.shop, LogisticsSubType="FAMI", GoodsName="")), B2C)

    def test_a_store_that_closed_is_changed(self):
        self.box.control("/ecpay", closed_stores=["991182"])
        self.refused(self.box.call(C2C, "/Express/Create", **parcel(self.shop, ReceiverStoreID="991182")), "門市關")
        got = made(self.box.call(C2C, "/Express/Create", **parcel(self.shop)))
        ours = {k: got[k] for k in ("AllPayLogisticsID", "CVSPaymentNo", "CVSValidationNo")}
        change = {**ours, "StoreType": "01"}
        self.refused(self.box.call(C2C, "/Express/UpdateStoreInfo", **change, ReceiverStoreID="991182"))
        self.box.control("/ecpay", closed_stores=[])
        self.assertEqual(self.box.call(C2C, "/Express/UpdateStoreInfo", **change, ReceiverStoreID="991182"), "1|OK")
        self.refused(self.box.call(C2C, "/Express/CancelC2COrder", **{**ours, "CVSValidationNo": "x"}))
        self.assertEqual(self.box.call(C2C, "/Express/CancelC2COrder", **ours), "1|OK")
        self.refused(self.box.call(C2C, "/Express/CancelC2COrder", **ours))

    def test_labels_are_printed(self):
        got = made(self.box.call(C2C, "/Express/Create", **parcel(self.shop)))
        ours = {k: got[k] for k in ("AllPayLogisticsID", "CVSPaymentNo", "CVSValidationNo")}
        page = self.box.call(C2C, "/Express/PrintUniMartC2COrderInfo", **ours)
        self.assertIn(got["CVSPaymentNo"] + got["CVSValidationNo"], page)
        self.assertIn("陳怡君", page)
        self.assertIn("NT$590", page)
        self.assertNotIn("陳怡君", self.box.call(C2C, "/Express/PrintUniMartC2COrderInfo", **{**ours, "CVSPaymentNo": "x"}))
        b2c = [made(self.box.call(B2C, "/Express/Create", **parcel(self.shop, LogisticsSubType="HILIFE",
                                                                   ReceiverStoreID="2001")), B2C) for _ in range(2)]
        page = self.box.call(B2C, "/helper/printTradeDocument", AllPayLogisticsID=",".join(b["AllPayLogisticsID"] for b in b2c))
        self.assertTrue(all(b["AllPayLogisticsID"] in page for b in b2c))

    def test_an_invoice_is_issued_once_and_found_again(self):
        asked = issue()
        got = self.box.invoice("Issue", asked)
        self.assertEqual(got["RtnCode"], 1, got)
        self.assertRegex(got["InvoiceNo"], r"^[A-Z]{2}\d{8}$")
        self.assertRegex(got["InvoiceDate"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        again = self.box.invoice("Issue", {**asked, "RelateNumber": asked["RelateNumber"].lower()})
        self.assertNotEqual(again["RtnCode"], 1)
        found = self.box.invoice("GetIssue", {"RelateNumber": asked["RelateNumber"]})
        self.assertEqual((found["IIS_Number"], found["IIS_Random_Number"], found["IIS_Create_Date"]),
                         (got["InvoiceNo"], got["RandomNumber"], got["InvoiceDate"]))
        self.assertEqual((found["IIS_Remain_Allowance_Amt"], found["IIS_Invalid_Status"]), (590, "0"))
        self.assertEqual([i["ItemAmount"] for i in found["Items"]], [600, -10])
        self.assertNotEqual(self.box.invoice("GetIssue", {"RelateNumber": "nobody"})["RtnCode"], 1)

    def test_invoices_against_the_rules_are_refused(self):
        company = {"CustomerIdentifier": "04595257", "Print": "1", "CarrierType": "", "CustomerName": "甲", "CustomerAddr": "乙"}
        good = [{}, {"CarrierType": "3", "CarrierNum": "/ABC+-.1"}, {"CarrierType": "", "Donation": "1", "LoveCode": "8585"},
                {"CarrierType": "2", "CarrierNum": "AB12345678901234"}, company, {"CustomerEmail": "", "CustomerPhone": "0912345678"}]
        for more in good:
            self.assertEqual(self.box.invoice("Issue", issue(**more))["RtnCode"], 1, more)
        bad = [{"CarrierType": "3", "CarrierNum": "/abc1234"}, {"CarrierType": "3", "CarrierNum": "ABC12345"}, {"CarrierType": "6"},
               {"CarrierType": "1", "CarrierNum": "x"}, {"Donation": "1", "LoveCode": "85"},
               {"Donation": "1", "LoveCode": "8585"}, {"SalesAmount": 591}, {"SalesAmount": 590.5}, {"SalesAmount": 0},
               {"CustomerEmail": ""}, {"Print": "1", "CarrierType": ""}, {"TaxType": "5"}, {"TaxType": "2"}, {"Items": []},
               {"RelateNumber": ""}, {"RelateNumber": "x" * 51}, {"InvType": "09"},
               {**company, "CustomerIdentifier": "04595258"}, {"CustomerIdentifier": "04595257", "CarrierType": ""}]
        for more in bad:
            self.assertNotEqual(self.box.invoice("Issue", issue(**more))["RtnCode"], 1, more)

    def test_a_refund_voids_in_the_period_and_allows_after(self):
        got = self.box.invoice("Issue", issue())
        day = got["InvoiceDate"][:10]
        void = {"InvoiceNo": got["InvoiceNo"], "InvoiceDate": day, "Reason": "退貨"}
        self.assertNotEqual(self.box.invoice("Invalid", {**void, "InvoiceDate": "2020-01-01"})["RtnCode"], 1)
        self.assertEqual(self.box.invoice("Invalid", void)["RtnCode"], 1)
        self.assertNotEqual(self.box.invoice("Invalid", void)["RtnCode"], 1)
        got = self.box.invoice("Issue", issue())
        self.box.control("/ecpay", ahead_s=62 * 86400)  # another period
        now = {"RqHeader": {"Timestamp": int(time.time()) + 62 * 86400, "Revision": "3.0.0"}}
        late = self.box.invoice("Invalid", {**void, "InvoiceNo": got["InvoiceNo"]}, **now)
        self.box.control("/ecpay", ahead_s=0)
        self.assertIn("跨期", late["RtnMsg"])
        one = self.box.invoice("Allowance", allowance(got["InvoiceNo"], 300, InvoiceDate=day))
        self.assertEqual((one["RtnCode"], one["IA_Remain_Allowance_Amt"]), (1, 290))
        self.assertNotEqual(self.box.invoice("Allowance", allowance(got["InvoiceNo"], 291))["RtnCode"], 1)
        self.assertNotEqual(self.box.invoice("Allowance", {**allowance(got["InvoiceNo"], 100), "AllowanceAmount": 99})["RtnCode"], 1)
        self.assertNotEqual(self.box.invoice("Invalid", {**void, "InvoiceNo": got["InvoiceNo"]})["RtnCode"], 1)
        back = {"InvoiceNo": got["InvoiceNo"], "AllowanceNo": one["IA_Allow_No"], "Reason": "誤開"}
        self.assertEqual(self.box.invoice("AllowanceInvalid", back)["RtnCode"], 1)
        self.assertNotEqual(self.box.invoice("AllowanceInvalid", back)["RtnCode"], 1)
        self.assertEqual(self.box.invoice("Allowance", allowance(got["InvoiceNo"], 590))["IA_Remain_Allowance_Amt"], 0)

    def test_carriers_and_companies_are_looked_up(self):
        self.assertEqual(self.box.invoice("CheckBarcode", {"BarCode": "/ABC1234"})["IsExist"], "Y")
        self.assertEqual(self.box.invoice("CheckBarcode", {"BarCode": "/ABC1000"})["IsExist"], "N")
        self.assertNotEqual(self.box.invoice("CheckBarcode", {"BarCode": "ABC1234"})["RtnCode"], 1)
        self.assertEqual(self.box.invoice("CheckLoveCode", {"LoveCode": "168001"})["IsExist"], "Y")
        self.assertTrue(self.box.invoice("CheckCompanyIdentifier", {"UnifiedBusinessNo": "04595257"})["CompanyName"])
        self.assertNotEqual(self.box.invoice("CheckCompanyIdentifier", {"UnifiedBusinessNo": "12345678"})["RtnCode"], 1)

    def test_an_envelope_that_is_wrong_is_not_opened(self):
        old = {"RqHeader": {"Timestamp": int(time.time()) - 700, "Revision": "3.0.0"}}
        self.assertEqual(self.box.invoice("Issue", issue(), **old)["TransCode"], 0)
        self.assertEqual(self.box.invoice("Issue", issue(), Data="AAAA")["TransCode"], 0)
        self.assertEqual(self.box.invoice("Issue", issue(), Data="")["TransCode"], 0)
        self.assertEqual(self.box.invoice("Issue", issue(), (*INVOICE[:2], "x" * 16, "aes"))["TransCode"], 0)
        self.assertEqual(self.box.ask("POST", "/ecpay/B2CInvoice/Issue", "[]", "application/json")[0], 400)
        self.assertEqual(self.box.ask("POST", "/ecpay/B2CInvoice/Nothing", "{}", "application/json")[0], 404)
        self.box.control("/ecpay", invoice_down=True)
        self.assertEqual(self.box.invoice("Issue", issue())["TransCode"], 0)
        self.box.control("/ecpay", invoice_down=False)


if __name__ == "__main__":
    unittest.main()
