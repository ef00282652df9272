// Private keys under a passphrase in the schemes that openssl has. Passphrase: secret.
namespace Cygnet.Tests.Pki;

static partial class Fixtures
{
    public const string RsaPbes2 = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI/J48qxEYkZ8CAggA
        MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBC8UXg4/qbP4D+zppNLD3wuBIIE
        0DY38ftW91dHV1YBiCjwToxgm7h7CvWJQkGxXlyyNOYetgB3JNHw5BA8J/3bJ3Qu
        1PaSksw2DV+cYM/fDB2qAhi8bAP2o8VwTxecYScHdTQTorHdo7YhoMCnmBD0OBRE
        tkA1xQ2uphI8omCrXa6fS/lqtul4UcbmE20a6FiFPIZMaNySdADX8CvzAoiJIS/0
        KcdrLrHVNOpfWq/GsreaOorldL8wcvlT6G2eCYAGR6W62EZb6dvtCikOV72GfX9l
        ZWc/6AENksLY2VxQ0Xw/D+BTYGRWdU/zqZWCDVf+ctegAwN5PTFZm2JTsQ/KoXvD
        zVsDESs6TkzxeM6DYq+Oj042YCAlj6DTdJXzNv1w0R1domUonoO6SPF2XMpJNSXv
        QJh4MazVMKKGOgJkXzeszwXqRzM/n1NRL8dCMAJUif6tlvSboPogLT2xB8gDwh38
        1WMZiYKePqxB7orrDCmWhZptjAci0YcZ7vpsp9N06sYdJ5Pv721513s7Pw6mP1Bo
        txt7d2uuWzyqSvAfnytwQwPj7KHUyHWKVvzqCidZfo60CSmagqhKDTn3ZwtZXb/T
        ePygqsQxMAGCXEW8EpI/fTfRDr8Sr3T67ZGm9lAcWnGbK2R1DCtv3DiwX3lHRs+G
        uRg9ZzN7Gmqro9DE4895OzV8/PR9EIojGXgllqC1ur+MX54POvqyiSdjikn2CEKM
        WeMFKeKL6xzMvlQtdzz+jdX8XVK3zdBsuDlHAJzqhD5wbJjVfg27UrN6jf9B+AxG
        X7XmVZxzu+Rprh66e9da3dwIdJZ1YrfXgaDCDP1J/KaM1DkoiStR4U4fDa1Q3Fzv
        F4eDZHW/5OviORBgQGIUisgrMG8D478HaFKkOoiD3v34NMnfgi3PNINMwtdxmaUz
        /WH1brp00W9fPa2JtV5x3xhii3wX/kOfkkWWRDunWW2ENXo3P7/VNZFsDARr4/wS
        P1CqOovFkYtJ4qNQW4OyKd9V6+2yNBS3xJkdCiNzbIaXqY0agwwMGEU6C0c0Gp4e
        WcrlFxw/UinXnBzS2cXZkC3ezGHKbMz7/5n3wzwXROQfJm3JNZk/jzPbx70DsWh/
        Iy2keFKf2XS8y0F3IBW849L6zPzhhIfxG8cNE8H+x9wFS2AOkGmXWippBT0Uwj6m
        5u+FdDahZHr4KhS0FDsuapgGr594W9oyucg+d0aTLfW5kUP7Lx2b3Qf5sXTClXJD
        ydsnOb8+dJsz1CRrOc+0VCndKER5cTWaGAFjNKasLbwNvU3MFFtgoqZxRt2xKHcS
        RdeYU4eAn6Va17HVvcOhfgV86eU3FY5O+2Qe96SACDhzG5ntx7nxR0dwApnPScD+
        7vGxJN2wiiFf7vdhKfsGef9TlqcO75NqYNBw0IbjcSIAJ4mPuGReN1npBlzXf9Cz
        7TST8Jng6uidgYex4AlOqLwYIFE6DkwnMGazU06SnAVqVDS6jOFfxELkT1nDhNtV
        NMWZySecSLxGDjxD7nl13qoId+gmZYk2sAUbnbWsZpkLaHXtgJLTkLnI9zb6KrFd
        opy0pNrm7R9ncsdUpV+4QRJJZKl9h7YZsC/d5/Co1SYsvI6NXsyGUX7ejgDFqDo7
        fX0GmmOt9JBysutklZhT37Wre3UhZHQKkqNlcAjuO8uF
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    public const string EcdsaPbes2 = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiIKGaFUz2s9AICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEEjpdiOLJKXVzzrRhBwbJOoEgZAl
        9c8muwc7CIa6LQjIUm714Wk33e5mhgQQS2O14vkMTbgXQH5BvWI19sp5pfSB46df
        xaqXjZYGDJ9ahv9YYNmZ1ubDODcRnHK5359W52iylf9/NsYfLEFoknX7qoAjel2E
        UwzV4Gm/XpY2+E6n7sR660b0EATQgAaxouf3kufUBaVxK368ZnndR5TeuwzvuV4=
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    public const string Ed25519Pbes2 = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhFw8Nc56x34QICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECajRimfKZt9xZQ9/1b3EnQEQIk1
        uhPfh+WiC3xmlsVwDDy34fy0Lsos/YrQSb3R39m7j7gUWxh0ugDMilOaLOZAgwnL
        mqQoYO7Jrk5+e+TR26A=
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    public const string RsaPbes1 = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIIE6jAcBgoqhkiG9w0BDAEDMA4ECGnoH27wsjq2AgIIAASCBMgqFW/YKtkcPmhh
        j8DNPlD9vwzyRlSXclleXxqcrJ7ZLu1AJq27v8vOMup8gx7WOOUW4zUACxHIlWHU
        xuIWZCpWKWww3SOThAp+yjw1xvlRJG1TBPEl6G3qUZFvlzN555zELeu7bf6Unb4Q
        pHlzMPcVjMeB7y8srRizm2cbAbv96RIAOsSoSMOY91wRcD+MfyHWp7Eh//kYWez9
        nNDSVxKbYEeau7yeuQ5ewZnQ6D8JU+TiWbBanYk7XtJzuit6O/vAAICyR+5Qk9yO
        TyF3xPQctn6rcpz8BaxDcfu4rh229/Yr1HsHPgHT51V/Kp8dAJzddcNDzJ1CooOh
        6hLEOtPKIvJtCQTa8FKLNijzs+6jZAwx3H0UTsuVKYpbkB1sMgNZcl/OU0FtbWZr
        78qH+8hoYDOi66aUDy0/DqvGi3L5n92bf3JFO+mZXdRE0jppAGT4D5mAv7/X60SO
        6xXdRUlxfpindVyr5gC7VDyH1wB5VhNm5TrVx+dfW6Q7sWFQslYIwY3PuYdYZw3+
        2XvHBC1dW0VnNXzn4aOTsBPpudOpiKLBuIiarLdszT1d5pvIzBl5m+g6e80MvlKs
        UQ80ePqZ5nD5BRkX+lDDXOmG+z8n5JAA+ElOYx16UrioQe9qbMbu77qYRTSCz2BG
        rjX/1SJvLQP1Bt/z8rdwzdR0InQQ8In3eM4jDTqqKSbuUKBHzfQ4RPI+2/ElTSII
        R4Xy+09W3XH3wZOJRgqOY+mA2PrI29og+q285Zb0c5qLhp3AIM1ojuZfNp8SmE7k
        cw9EWb1PLdCyMi+qiXKBxbr0u487R8H+rC6exErR4dgwZz4a3uSccyNWBPR/fdlU
        37O+PGCcYeullS/Wv7GNxbSJbLAOBsULzGCRIEmuJSegl3BM7NYGFfEkpONd3tjQ
        SJ6jHrfvkkDPX1ukj4fsT6HrpUqtbk4zFyPF6R91sXeQrEbkpxqb9y+SO9vDlLtJ
        e9SrPCpWaHWotR6piyyiGB3mbGaNmk6oVvdmzw+bHkefVC9dQius12MZ7AB8BNvz
        gtoLwoVbA4kXzV1dq4PjpgCdpJRXNIiHWp/dLaKo0K6ZecOH7DAKp35GIQiroIyx
        gwtc3IrDfcYW9hpHVE+AgPhdxsD8AR5duZYR7TTk5ixlKPvefhJ4jelHQSQvRD9j
        jUoGKam9B4MQmfOhdg29bUuWU336aUm5zgmF9T+aNsVRY2k7FlsdEIVecFguwklk
        e+nEmK69gojlgNCQoVCp4Mp9Fxp+RkoqpDMxe9RBExwqu6kR4PGfwT9fstaZHKcr
        4aj/fPDXdJL8ELL3vnRzb8issCFSZ6APp21AK4Tt2hjDDuJdEtfXOW19hgL5qrxo
        jwDZhqTDcOAc/PQVlsSUpVv184YbeHvsUmcjK8sl0QMiRfIN2vBC9QNjOGFUCB8Q
        8Ad7pU/ZWj0bZRcigG1qGFQV6C5CJ1J3xGtueNMZvfO3drT6TnkRWrfqNqbSyCQR
        MG13Tj2GvyJ1PMNEvPmA3KEPn5Z6DCb63DJGpvBuaf/HAkgGWzumaegvwFRFbIMo
        EAJH68s0bHE+V3RQlZcnEjf7DcIJNlNSC98rruYkouZlhiYh2JXYWeCGSUlHZEDV
        calBTbl93+75S4CNnmM=
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    public const string RsaScrypt = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIIFJTBPBgkqhkiG9w0BBQ0wQjAhBgkrBgEEAdpHBAswFAQIIvXdB0rff/oCAkAA
        AgEIAgEBMB0GCWCGSAFlAwQBKgQQLmWCpZgwpOvl1XrTqxJb8gSCBNB5/mTkPCIR
        swemexyBysoDEmvRBFwNfeE2JLvwQ5egs4a32VGfS75EZEgsN3dlmiOo6Hd5oPqC
        gjnHvwY1dBTCrsJkUPI0Wf+Nboz9Eg8fyYOZQOqgkP6X+SyBWZTGf1IVXgsWzzo9
        SK9qrXCWUPJ9R+zHqQR052EmVuFUHTGy2tHYvJDzAlBiFwsyas4glf9qd4eS/6AD
        1Be/NLIHpOK06BJDvTNEY2cvSJheXBzKfQdX9Q2jwqHR4mY2f4j3QjYeuc9rf5s2
        Fo8sQPD9Ew3Xkv67hbX+PV7l3HDmnJbW2kaR3aGxLlNQzr7zZfWhMzar8h58+REV
        PaZhz9mCTVoGFVv42HpOjkKaWtJipCCru2j3N8TKSjD8Omkp1uvklVRxDujHUROg
        yijhPNqWdqvOIeZZsBIPThYXV7+IWYehF4yashfv5AxDP2RgRcxlcv9NxgB/l5a+
        8VF2byy9RhhSX4ahBZ35kMOXBVznqvMrD+8gI4gwjexcRMZ3oO+UyZA11G1jOJCP
        mTgNnM5SbBIw2JLrZOazNiOC7v0sN0bUiSQ0vmU/MuyxMLUvOAdbeuTaOY2wtix8
        FNLmnaAJEBg0OyeZ4Micgs2Qy4sEf/bKobczlrcSNdenbP7TXh+MA4ehEKRTtD2e
        iCeLs/ZNClGGkUAbhwID3QxbcZ16SOLYhsbnPmorhI//m2PvKghylDhkALT1pltJ
        x+dHlVqxsB33Ny4hDItRVz5AM9pShsDWrkbj06QQxnAjfTgPYrPaSZgHTahTHgnN
        0yeKqWR1Oqfh18Cb6Rz/ZC6OhPMQzgbClWQvSjTn9qbsGgZZfoZKZA+EOEO8Skmg
        4LkLZogJNgnwH3kUbEZ/qBQfB+RGpZKeuAwXZ60c0QhHYtgRMjn3iBjNo6kZkXAl
        8eB4ult23AScRBp5s7S16hxUhjzs6GMxaHDKjnO438CwAMdXBrkz21hbB+mG+Zla
        WCVisixfdi6IjHvDTVFG47Hyjy2mrD8r8qKDsRXGh8eiHDshBrO5TRsaym28dRtH
        4dEkSzStj3dTSSBz/x/k9i2Oc1/YiVnO8RE7wH+erS4C9DUOUq2Djh55qt2GZ4uO
        cDOJIZiFghvLUoVToHRm4G7uF7glZbolApaj467VQUVrtlEnB/EqAm1ghO24a5a4
        57xJ9/jvr6UGVi0lzWa6JqX39fKO7loJUeugFh4rG835kk3cuvOnx59zmEX1qhlY
        NyEEuwidpoCxdTbihQPM6TUr3sh023h1Cxy7qY02W8JlQBBvvH7LvNXKIu/DtzgU
        5SEQcAt9MnnGESXNxV4WT6ZXjK0f7lFFBahZoeMJ2jOXe8/XAFQWeSnu4SvN8qbG
        kmkmO1ETsNUptGcD8k+9yaKiVC+WjgzemrIFJoiwy5lhLAPZjLoGtFVEXFHv3dEH
        jt3iF4uwGI4XQJcR2yLa4C07TzM7/trghRxjvOMEAhmx2tC0tz1+Urf/RaJT5Xlh
        IkdfL5rcO1GYq3H8ds1JhQoGd+3ls73q4VfbaFTREDmq4dUGda6wDNtxYurDfmLH
        UG3HFYOzRYFCgDXh31cwhdJEL466aWMIOXPm3ss+DUiuKHHriDz8EFlWkA4mySsc
        JkwOyUzM4Dx6zTA/uYkFZ2P2n2FBT1NsHw==
        -----END ENCRYPTED PRIVATE KEY-----
        """;
}
