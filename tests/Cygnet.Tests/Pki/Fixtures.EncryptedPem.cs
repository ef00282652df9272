// Private keys in OpenSSL's own encrypted PEM. Passphrase: secret.
namespace Cygnet.Tests.Pki;

static partial class Fixtures
{
    public const string RsaDekAes = """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,C8034BCB4CB55FC3594A37F726A80CC9
        
        D2LD7glQ37p9+iZk0WSYy7opSFDV3Wu78kDihSYLlqQNv8meOeVZmjAnnYsNCU3a
        XNIIMqMDLHb051fMCNwWAnSSBFEaV/xqaYcPHOhx86eKonCaLhcb6WnCBHUObmHI
        QanolJusJNB+kvX+DyuhcWvraZaY4hkyTs5f1IMz9ptkvB07lT2aMBXvEODdbQ36
        6JvSWR3IY+i6q8lHYa/rsg2MuGmhLJbEoXo3dDSWb8YSebdkM9q2xoidT/KaTdps
        TfT2HGcwAJVhfthIx7+VxQDaRtXYjF9rVT1UmPpq2nAvqpaPGAQLJUc7bPlvxEYj
        00Lg186ZSMRYdg+8w8FMaBn0GmUZai2sHsQdoDSv/PWSGgKdTmnj9OhAwxYkFrAE
        BCdybLVZau9DPBSeBUwCsIlCWEragOzbk/ZDU3ImAdfgtbuXnrKvNQF/bd/NBGmc
        qJXXfom5QzeAGw+TdJw4lohXMQ/iMR2jV5GseGOQUXclVWiDG3nY8p/a6kO+eTTE
        NJC5o+mm+oJVPNW6hr/JktteLyf/9dhLnkBCwz9A7in6dqOtIBPMwCUHuaPEpJe5
        fF35Za1w+7jrUiKu68r91V/jzw60H2bapv0WCmFdpV52A6vYYulmblMGFNYA6Ihn
        91q5fPbFu9wCR7h0v1FgByrqdlxK1A6BKgwD/tDzEjCcffb9gkpEoUJL+iieJNue
        DDHhm2LC+zF6QCwOVRcKn5kouzkoinzNdaPUJbQFCKGSmNMHOhHgIIExaj/Cl7HN
        s0PwssoCcy7+IdLVN6mlCoIUrppQ+qiyKMKClGRKDwvGjI1qcdmoqJLszcgD1Scc
        li6M69rZLfWEdWGuSdaOxqKEv7+Dv4NDidvSQLnQ+ih5I+4Y5YxGB4oYfBQ/c/rE
        H9dprj9OoYRGjd0OfUUQ2khrSTMwziXIKcS/xsqUcN7wZNuqi9cAubVUDnELpAFD
        m87+1NwDUjARUMK8UdD1GyWPUhhhI/II5a4xh5CIQq6iW1FejUEu5/yh0Hlsl5HQ
        GZn/ejw2zvIhGWiJczsnnEegW+Z8Nx1Gn8COUABuBGF31+S8DmXVbFvbAYlhmedY
        rzmTj4LtgxpabjFW9AY8NpOkjGnI9SzkPMegVFsS00lDNgZ0R43oZm/A5BRXg49j
        Y50xNPR5xdGCJlMByVg8RR+WN2cRI4e9nNlepdSkbL1Pod1gtmsA7nYIGj751kuM
        jkkMnbcK8kHRmwjtjyZ5CnXiIiA7L859juS1eL2LE5GC3+NIqDU6Ix+GJoEiIlF3
        KCnnA7WJZaQw8AB9LrX+CEvkCNEGllr6diOq0VN2X3v8FAVIKSweEcTrkOAAM6SX
        zxowrr/zgSAfUa9NQCLIX4GF6Y9HIc7TvwKajj6aR5P83yygHb/gYq3kRE7uMDg7
        rxpmfz1ht9z/nnfdrJqEKO9xkf8P5SmZYc5dPx5qHMk1ZfkXvIZXgpjkzkW8YmO5
        IdNyAl2XyvYI3RlVXhj4sPw78ofsz0dItseY0S/V6RXDB8jzZimOPCfXVnrfS4h0
        r045gcpPqE7r9BR63sQod9sJw/kq+rUamtfwzGq52jgQwNChjWszWuNdz4F0q0RK
        -----END RSA PRIVATE KEY-----
        """;

    public const string RsaDek3Des = """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: DES-EDE3-CBC,6373028B683B3C4A
        
        wSOnHC0+G9v95JWEQcaFBklrBtJhrGofOJMP5nxpmLg+JruEH+BrBq5eFnfhJWp/
        II7aBYUsxC4Ed63YldeGVV9efrQa783P5T0VFkVievKR3LZy/V0C0rR+Ii22y/hb
        XCApzU7g3rUEldqUzYGFpisxYh269huz9fnIDV7yWWdK/xfiQrSG1xWWL3ojfw9e
        Em4E3+pZGNoFVvMBlCTSEgxYgFEsu21x9AzEiItSD+ISTQqlXHFxg74iBaCpXJu7
        gH316KQ59TsRyaVFhTPiPQSwiLZMFOYb4+C9euS+l7lUUczKL3QVkaI2kVRC0D/W
        EUcJxakTbgttxmbmnFY1vEr2I2FhXV1BiFg2QGcHXUEZXfss5y7VGcaP4k/waJHr
        ao6G6phKSPsTSyxdJDV4N0fLg5LKfDUIlbjAw5saB1hc9HuzKmfyI6stZTItgbnG
        yOVZht0Ugo6mpAh1hwRxb2a42pCm3yYe8WO5IFuSR4TDtZPYVLR1CJCNL2eQQiYF
        rbPoHuokN0f/Y9n1lXmKmXwa8sqv4Ou+BIytbUK7RGsVm/KwgIipTxKbW6cQ3u8W
        EAyR4cZvdt3iZCo+IqFl40nWmty63teeq4CO9+ckqAksKRN+rdSden/+kFLhghGC
        na/XheZip2reluDHkBQyfkKpswwtYfRWOsdTXFvDH/dUsdaTkIhPQrzpnC/8LCbd
        b0DwePVgyEzsVq252qt+h1JhroG3NWG0UpA+8JPOeZHRCWppwviJgaK2KQz1wIg0
        NYus2TGd35aI1WF0m6QvfNsSGGbAlBnTFLRPLsIXxGYZcjOgRKtRI/lh18FySzrV
        f/VGufa+NvWojgsXtoDKPV3e+9dHXge9OhXyeEJj3ZulqP6WcbUc/CAwhHdPQwPm
        tx0rcWKUmPVyLUJVI7MS01jDuahXnDJPfZ+Yesqy9hi/Hkal5RuOSUtzyRJ70B5h
        mF2EPe5U5X9fm1BpJia2EcEkYLCxWDE5GdeiVj16oP4cty4ZmVBcWm6lgraMbeVK
        UMfWKLajxQI+30WFZhjLb/clwGzpbU04iVlVJSMNMuxJ8uLz2wbvzu2NWJWXSVze
        cmmeKpchNrjXzwBk/Ogn61jll4xjkeTpSm4ns3e8Xzy07TKHg7AGFvEmv7CV0Ipb
        mPg5S2Hr2QGU2sTVq6w0cJyTX6dHh3OGVJzZL6w/IgodW3K391z4nOjfnUFLrMW8
        k2Gam6QFZ3vRbsF8tCw+EHUDtbyYNic+zsVwtYzD/YPl4elyLz+uwQw2VF2jrc0b
        jSmR5RKwpAiTXL7wr1fVcThop8k+Vuv3zAQp0iXkulne46waXnBZX1MCQaHp8r7f
        n6dNIyRuJcq3JnRteHpdoaXi55JhYHmEY38UMy0b4cS2zItSCg9+YXVfmhLQTnc2
        w5nBaRSrvMcvE0ov3zLfHvwtz1TjnD0S5d6lQLuZuYH7+Df0B4pOBbXiRQ1pV4I1
        i0/FUYrLg9AEyTRrQqiNmvw2x0Eo1Rv6gIVsO+H5URM4XtQblndZfXw4RzLxMsfz
        9DRaylEZocszAPGZOcRdo39TsF5Txvz7eD+inym8thHceQBbV8xeUw==
        -----END RSA PRIVATE KEY-----
        """;

    public const string EcdsaDekAes = """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-256-CBC,69EB43097FA0A8BD7419492462B5E13E
        
        VpzBg5qr6jiL0oGdZNoaIHa/s1hravczk7i0PqixwVNKE6bfuO3dTYybbcgyCzAH
        8C5AhwLZ5hKBj8lWoxaeGFYybQsg3psR55HO5FobRqM/3vtrbNuQFAXEJVxtwVCK
        /wyFG0JCLAoFlSumSss2MlIotf9KunFMkau3Zakqys8=
        -----END EC PRIVATE KEY-----
        """;
}
