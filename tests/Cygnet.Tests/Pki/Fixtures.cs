// Keys and certificates made by Debian's pki and openssl, valid until 2078; the keys are for tests only. Passphrase: secret.
namespace Cygnet.Tests.Pki;

static class Fixtures
{
    public const string RootCa = """
        -----BEGIN CERTIFICATE-----
        MIIDOjCCAiKgAwIBAgIIT12LpALNtOswDQYJKoZIhvcNAQELBQAwOjELMAkGA1UE
        BhMCQ0gxFDASBgNVBAoTC0N5Z25ldCBUZXN0MRUwEwYDVQQDEwxUZXN0IFJvb3Qg
        Q0EwIBcNMjYxMTIyMDE0ODUxWhgPMjA4MTA4MjUwMTQ4NTFaMDoxCzAJBgNVBAYT
        AkNIMRQwEgYDVQQKEwtDeWduZXQgVGVzdDEVMBMGA1UEAxMMVGVzdCBSb290IENB
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAp7E12s49i3xsgOCqvNiP
        2jMxCBJ/NCcaMUrp1zOD07di2GU5/rIM4ImgxCBg2xUtGB40LQjJXl6oiM5Ggvri
        YYaoZ3OgLt8kewseR4zlcQPBO6jrX/UOZZs3wjdcuQCxEEk58eSTM+bLIQs3Se3H
        rOi1RZOplsGZhZgV1wfeMjeWNeK3NLmg4mKEmYG9muUlzF25o0Pe9BZ8jBMQJkpM
        FcLp0Xhlx3m2hiPc+5euzitAK7cGKIaywPe3OXgGHxCGrzmfkLfiEIqgSfwVx+EM
        7S/DRSX/at5o8VloY5xk+QRbMeEumZLnCPi5txzllkMs4geI8LqTgsMLhNr98syu
        mQIDAQABo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAdBgNV
        HQ4EFgQU5MkUYeR3B0NQqwIqOYFXIFYZBrYwDQYJKoZIhvcNAQELBQADggEBAEFa
        ZS+Rz3qoQ/4V99R/VDQJIs+Q67ce2YJow7wvZZH2mgsMjCOZNILkZb7S6jWi3qSI
        PErUI2SZUubxOlkPn23EJm2qIVihHNfOsbOltW0YJkad1gh93T68+gK4WlrjpKIn
        bjyzw7DPRyzW2TZzaTLhMr9dcBnBKGM5UJ4TD3+/SvvMDOQo9nuPZCdETVeqLVJm
        j2gMWErrdvxZJDEctluri8IalwCBIckIAr3CO78iTt7XhnfgVphVCtvO9d6VWKBT
        7YRP0pSL8D2H7ymduHDwyUzJy+4dh8+T7vs44XWNOnzIRObJVTJFRJBPbXjnD3R9
        8wewDJV+aBkQ5BeqSJo=
        -----END CERTIFICATE-----
        """;

    public const string RsaKey = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEowIBAAKCAQEAqzMC5PLp9sieJCsaG0jZ+KkA9eQb+czC3zYHL7Y7xboMyo/A
        U4LHhQ+h5Hb7Mg5YXVfpNivKg8ztGK/sf3TGeW1fNYb8+wNJf7RI1K/qfeqIw1Vd
        KuDhxaRdUA3yJDZ1vqNa0tRqFF2S9BSHwubMm+XHxp+CWlLumYa0L6+MbDzr9CIp
        m1jCAGw8BBnHYinO/OQFWallCR2VnvghlJDyvR7rydpMgxbZqtwRwRpWrvBd1uhA
        75cobTLuO3qOEPhIl00kUP1qtmLyQbMKQuoEucBmY6EssEJ4foq1X0dtLR+MTbsH
        M0jBCnUDiTMBBAAlsT8wMaGOnWHQy/jZH+nAjQIDAQABAoIBABE0or1UxnvFZNNY
        u5pzY2iwv4Z24vLjh9A8E1PRukcgcCmpcdhSw++VBx25cXxx4aKb87W8h/FgFpIN
        GDUlDM9mVRPBmco2ZdweR9WMSoJWIGGVQjRNfpNI9hHWHPhTutiqfTXEIFckomDC
        cXR+kqC2YrINFOI0BIPMfG5wc6nq+R1glh+672+Zi4ZOZd0EtLFKkQ1cYIoYea38
        UVTXQxH8YceYqdTQRKuFvnifVATURFJH3Qp49mZY6s7h5LFW7sdF5jGkpNSxA5a0
        OWJSVqQk6sMrmvCC5b/BGXwhmGxIBndYHPk739mkzr8w3MlohMCiSb4Bsowfr0hl
        DOJgsocCgYEA7HK4LQaBZWcuM7KmgcGA3zO2FMhPmVnkguaROKb1lw/YpsIhnbso
        h9qK3pUyo+mYIlqihqATy1+TMcjcuKoEn1b8Ks2w6L8+9UHp/gLZqzaBPybey626
        o+Pb5/n9jlNvRU3MtEpllsd9TCMatkhkZ3pPIM0bXOXbABJj7wHowG8CgYEAuVsQ
        QuFUeCd6bXT1aa4p4/NrEJPwLWrkvVmB5BU/eqT/YnkZiwYdaHZNva48Nb9x9Ot7
        9Gd+gpFQUvMzkTg/bbLLE+vvp456DJiPlDnbGlCjnBG8/dXR68hgl4Q5T5cIdTLd
        Euathltts9yn1HzdU1LI3gAN6sCD8VnbmnsRlMMCgYEAjJZdafAfSeLCttx3Ylli
        vdPqZIsBwSWQ2EAtgqjLB6nVYLm28SkSHUzVGylM9ebznSGU10Ug3+CRDZ3nlykI
        HJHE19J7aLglwAAUGAMr10BOMvVyrVo7yiy2WUTr/Q8g7u0mVOCTbMZqerW4sT9z
        647us4sgxOiqgW1t2/Ofp6MCgYBAtTC9GGrjs2yDD8SpCxsmsBDdbbf4Mwv9qmS1
        GlHZ4AYj+4DWTuEvWbWUFWKBpP8EcL0KOqMos9Al1S9YcBl8k2Ff6Ar3JL8o7I2b
        QoNh8Wrcjji7KM0rEf3eh1N2nJRgTcxtz8geUoa+traEcL7XWtwy3DP/kwu80xDe
        Ij6l/wKBgByJYq3i8vJq8n3PMbV+xU2dwsKibScfxqp4IliUVgx3MOcw0jmmrqaP
        1xYbtGoAvMArQcgpTKRkir4x5Bvz/FnqJrRnE7bdlOjcAxVw4JO8lrDloYfuQZD/
        6sBKFOxJT/x7Z/YVuZ9ZEcxlbBFnr2SUTjIQuW8zoyAsTUhTIxfW
        -----END RSA PRIVATE KEY-----
        """;

    public const string Rsa = """
        -----BEGIN CERTIFICATE-----
        MIID+jCCAuKgAwIBAgIIG+e81SVi8scwDQYJKoZIhvcNAQELBQAwOjELMAkGA1UE
        BhMCQ0gxFDASBgNVBAoTC0N5Z25ldCBUZXN0MRUwEwYDVQQDEwxUZXN0IFJvb3Qg
        Q0EwIBcNMjYxMTIyMDE0ODUyWhgPMjA3ODExMjkwMTQ4NTJaMEwxCzAJBgNVBAYT
        AkNIMRQwEgYDVQQKEwtDeWduZXQgVGVzdDEMMAoGA1UECxMDcnNhMRkwFwYDVQQD
        ExBtb29uLmV4YW1wbGUub3JnMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC
        AQEAqzMC5PLp9sieJCsaG0jZ+KkA9eQb+czC3zYHL7Y7xboMyo/AU4LHhQ+h5Hb7
        Mg5YXVfpNivKg8ztGK/sf3TGeW1fNYb8+wNJf7RI1K/qfeqIw1VdKuDhxaRdUA3y
        JDZ1vqNa0tRqFF2S9BSHwubMm+XHxp+CWlLumYa0L6+MbDzr9CIpm1jCAGw8BBnH
        YinO/OQFWallCR2VnvghlJDyvR7rydpMgxbZqtwRwRpWrvBd1uhA75cobTLuO3qO
        EPhIl00kUP1qtmLyQbMKQuoEucBmY6EssEJ4foq1X0dtLR+MTbsHM0jBCnUDiTMB
        BAAlsT8wMaGOnWHQy/jZH+nAjQIDAQABo4HvMIHsMB8GA1UdIwQYMBaAFOTJFGHk
        dwdDUKsCKjmBVyBWGQa2MEUGA1UdEQQ+MDyCEG1vb24uZXhhbXBsZS5vcmeBEG1v
        b25AZXhhbXBsZS5vcmeHBMAAAgGHECABDbgAAAAAAAAAAAAAAAEwHQYDVR0lBBYw
        FAYIKwYBBQUHAwEGCCsGAQUFCAICMC4GA1UdHwQnMCUwI6AhoB+GHWh0dHA6Ly9j
        cmwuZXhhbXBsZS5vcmcvY2EuY3JsMDMGCCsGAQUFBwEBBCcwJTAjBggrBgEFBQcw
        AYYXaHR0cDovL29jc3AuZXhhbXBsZS5vcmcwDQYJKoZIhvcNAQELBQADggEBAATa
        H1+hJ+p3IV0KbDtK8pPOME4OElFOQg4vLGdSzgwYahxKOYdLdBtRLDwRAuOgmYZd
        X6sXMqNrkQvkH/75HpsTOC5FtW28yYfEn/DsTf1BnN2QmqBeSuPrmkkPUrCpWV8z
        pCPZLkqW6965zRknDN5uFms7EMKfGtGdAahgcnFWrSJhIezBIds0murlIJE5+0bZ
        GA0M56TPmywQE1XKRde8hph/53gbPVdI/9aaf8bDmj49LIGJOz5uB4q+CeIUsETT
        mkzqBw26HGgv8xrOG52zHYGdtD7JUSJSn8UgiIbbvr7qhhI5/lGYKsFKInxOzMSN
        tFm0XB342MRQpdtZBis=
        -----END CERTIFICATE-----
        """;

    public const string Ecdsa = """
        -----BEGIN CERTIFICATE-----
        MIIDMTCCAhmgAwIBAgIITN/OUukV4j8wDQYJKoZIhvcNAQELBQAwOjELMAkGA1UE
        BhMCQ0gxFDASBgNVBAoTC0N5Z25ldCBUZXN0MRUwEwYDVQQDEwxUZXN0IFJvb3Qg
        Q0EwIBcNMjYxMTIyMDE0ODUyWhgPMjA3ODExMjkwMTQ4NTJaME4xCzAJBgNVBAYT
        AkNIMRQwEgYDVQQKEwtDeWduZXQgVGVzdDEOMAwGA1UECxMFZWNkc2ExGTAXBgNV
        BAMTEG1vb24uZXhhbXBsZS5vcmcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATY
        89/MljWxklD60cARkrkUHdyl/0nTL6QzmUo/mqKJjOFy+WhACXkFmOS6ERRFyN15
        NzUvoDozOJC+eQdanP4ao4HvMIHsMB8GA1UdIwQYMBaAFOTJFGHkdwdDUKsCKjmB
        VyBWGQa2MEUGA1UdEQQ+MDyCEG1vb24uZXhhbXBsZS5vcmeBEG1vb25AZXhhbXBs
        ZS5vcmeHBMAAAgGHECABDbgAAAAAAAAAAAAAAAEwHQYDVR0lBBYwFAYIKwYBBQUH
        AwEGCCsGAQUFCAICMC4GA1UdHwQnMCUwI6AhoB+GHWh0dHA6Ly9jcmwuZXhhbXBs
        ZS5vcmcvY2EuY3JsMDMGCCsGAQUFBwEBBCcwJTAjBggrBgEFBQcwAYYXaHR0cDov
        L29jc3AuZXhhbXBsZS5vcmcwDQYJKoZIhvcNAQELBQADggEBADjnRtZNOy8dKS0h
        RXvpJ/cyQHhfixNjNfaPRqH1Ffh8BvkkDuhfgcbgzKoqaFdS0PQUv9RrMY7sIm8Q
        UEeKD0KKjqV1PwUDgfEqssgXfLtses49ytD4MnXlFwHWDDhceIDsK/Ci+W77huvo
        kINVRt8SXThbHkOQnu1QHYL0K8tUWqIn0x81c2hVnPaqPGvc8TqaslkeDJmzrlz0
        7ZVBeLYfhizFTsDslcmN1RuDsjQw+ZdY0ClFzA7uzSlEBWoMXrNOGXzF7lfOYYSQ
        /Drd/omkT420U2xc7aACsdxVqntrqIW6qRWP9FxjNkNOBSGe77QhTP8aI4tpDw9j
        5neYMvc=
        -----END CERTIFICATE-----
        """;

    public const string EcdsaKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIEkPvAnaDxhCf0ujyq+SDptSQfDtfpA/yRKashh6a0CwoAoGCCqGSM49
        AwEHoUQDQgAE2PPfzJY1sZJQ+tHAEZK5FB3cpf9J0y+kM5lKP5qiiYzhcvloQAl5
        BZjkuhEURcjdeTc1L6A6MziQvnkHWpz+Gg==
        -----END EC PRIVATE KEY-----
        """;

    public const string Ecdsa384 = """
        -----BEGIN CERTIFICATE-----
        MIIDTjCCAjagAwIBAgIIB71rTOwzJk0wDQYJKoZIhvcNAQELBQAwOjELMAkGA1UE
        BhMCQ0gxFDASBgNVBAoTC0N5Z25ldCBUZXN0MRUwEwYDVQQDEwxUZXN0IFJvb3Qg
        Q0EwIBcNMjYxMTIyMDE0ODUyWhgPMjA3ODExMjkwMTQ4NTJaME4xCzAJBgNVBAYT
        AkNIMRQwEgYDVQQKEwtDeWduZXQgVGVzdDEOMAwGA1UECxMFZWNkc2ExGTAXBgNV
        BAMTEG1vb24uZXhhbXBsZS5vcmcwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAARPPImT
        W/RH7exQCCw0Z4cinXWc0afAVWoDRiPCt9FASwI2qKHKhvhySSX5rhKxCJpJDuhX
        QKX3G1oqFnc4PwmaaTqBrdkKtTBqr+z76Ov+/hETWXxQaQ2aFgcBupzWxFWjge8w
        gewwHwYDVR0jBBgwFoAU5MkUYeR3B0NQqwIqOYFXIFYZBrYwRQYDVR0RBD4wPIIQ
        bW9vbi5leGFtcGxlLm9yZ4EQbW9vbkBleGFtcGxlLm9yZ4cEwAACAYcQIAENuAAA
        AAAAAAAAAAAAATAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUIAgIwLgYDVR0f
        BCcwJTAjoCGgH4YdaHR0cDovL2NybC5leGFtcGxlLm9yZy9jYS5jcmwwMwYIKwYB
        BQUHAQEEJzAlMCMGCCsGAQUFBzABhhdodHRwOi8vb2NzcC5leGFtcGxlLm9yZzAN
        BgkqhkiG9w0BAQsFAAOCAQEAAvFeAAcBegJN+zdixA0IzZoh+y1ScbYYAfQkX7CU
        4EwOKoontEMJAn5yEY2oLU5aOl8zfIU9myFibFyoS8CSouJWNvmu5YRIkKI7lt2Y
        15vR2F/aLFdFQIfZ1Ll8gksx4S4cMVrKmBU+hAapKgnDzD3kKDuPzSvllU5LSWyE
        mEnNq9IFnKMF86v1GiBVPi+iEqeKcimqKWIMGHbxoZ7orkxGbpSvkQ09haJNglzX
        M8V6JICAqH1doDB/ylzsPohLSXVw4CAaehqklCo3dSixpc2Ds4pXzmk2sOa/PQMH
        T9ILc0Rl/ByePCZfEFaGCculKW2kn7PWRZJ8xSTs5tyGHg==
        -----END CERTIFICATE-----
        """;

    public const string Ecdsa384Key = """
        -----BEGIN EC PRIVATE KEY-----
        MIGkAgEBBDCTkbGJAEn9F37BZedqyGEpr4MJKhSo++hoLP12/EocBc7mU2Wz2rSi
        KqgGmgjLfhugBwYFK4EEACKhZANiAARPPImTW/RH7exQCCw0Z4cinXWc0afAVWoD
        RiPCt9FASwI2qKHKhvhySSX5rhKxCJpJDuhXQKX3G1oqFnc4PwmaaTqBrdkKtTBq
        r+z76Ov+/hETWXxQaQ2aFgcBupzWxFU=
        -----END EC PRIVATE KEY-----
        """;

    public const string Ed25519 = """
        -----BEGIN CERTIFICATE-----
        MIIDBDCCAeygAwIBAgIIXVvDaL8y+7MwDQYJKoZIhvcNAQELBQAwOjELMAkGA1UE
        BhMCQ0gxFDASBgNVBAoTC0N5Z25ldCBUZXN0MRUwEwYDVQQDEwxUZXN0IFJvb3Qg
        Q0EwIBcNMjYxMTIyMDE0ODUzWhgPMjA3ODExMjkwMTQ4NTNaMFAxCzAJBgNVBAYT
        AkNIMRQwEgYDVQQKEwtDeWduZXQgVGVzdDEQMA4GA1UECxMHZWQyNTUxOTEZMBcG
        A1UEAxMQbW9vbi5leGFtcGxlLm9yZzAqMAUGAytlcAMhAJT/2wcNSXUGXs4fQFxs
        4qC5qjZF9nA26oKIz11GVIGmo4HvMIHsMB8GA1UdIwQYMBaAFOTJFGHkdwdDUKsC
        KjmBVyBWGQa2MEUGA1UdEQQ+MDyCEG1vb24uZXhhbXBsZS5vcmeBEG1vb25AZXhh
        bXBsZS5vcmeHBMAAAgGHECABDbgAAAAAAAAAAAAAAAEwHQYDVR0lBBYwFAYIKwYB
        BQUHAwEGCCsGAQUFCAICMC4GA1UdHwQnMCUwI6AhoB+GHWh0dHA6Ly9jcmwuZXhh
        bXBsZS5vcmcvY2EuY3JsMDMGCCsGAQUFBwEBBCcwJTAjBggrBgEFBQcwAYYXaHR0
        cDovL29jc3AuZXhhbXBsZS5vcmcwDQYJKoZIhvcNAQELBQADggEBAHeZO8LmArIx
        vhuSeR6BL9iPf+ccRMyiVlCOZSgTPMHCcQyhnbg1JoFYrSdH67XfNYycFEx5JssS
        PmNQc/jpUp5E9l9ux0J2Y9Y69ndepxyAarcPI/WiLL6kW3n1t4Z+qEgr/Xz538fm
        FHIkRyK1l/gbPvGZx2ixyl1mng93eH9hgnKmyWPDHs8OCxFv3J8tk3KJLeMnFHxB
        5fCtGXZvFA5F58gzKbN2ARH8FDJ5Y+WF8FLlS06pC1Z0w9DNGgRe6M+5Q7GnQ30k
        dYZy0Oo/JvoC861Mver2mOLpdzPL9x/hHP7iv/3PzVO7Mz08GKxixDRzaa7Srs6v
        pUdv80WoRq4=
        -----END CERTIFICATE-----
        """;

    public const string Ed25519Key = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIIB/zHAsNa7HACAzsLs0zNSzaDYkdmsVG+f4EZAjhFpR
        -----END PRIVATE KEY-----
        """;

    // An attribute certificate made by Debian's pki --acert, its authority, and whose it is; valid until 2049.
    public const string AttributeAuthority = """
        -----BEGIN CERTIFICATE-----
        MIIBLzCB4qADAgECAgIBAjAFBgMrZXAwQTELMAkGA1UEBhMCQ0gxFDASBgNVBAoT
        C0N5Z25ldCBUZXN0MRwwGgYDVQQDExNBdHRyaWJ1dGUgQXV0aG9yaXR5MB4XDTIw
        MDEwMTAwMDAwMFoXDTQ5MDEwMTAwMDAwMFowQTELMAkGA1UEBhMCQ0gxFDASBgNV
        BAoTC0N5Z25ldCBUZXN0MRwwGgYDVQQDExNBdHRyaWJ1dGUgQXV0aG9yaXR5MCow
        BQYDK2VwAyEAUy5CC7c6t37VW5yGKNJNZ+xV/IPy5tvgofYzWRsowxowBQYDK2Vw
        A0EAn2GLN9C+Ld4eUxJOfXekFN5E2EVEeTgv31pnoG83J8a6jczcP+yYe5k/M9IF
        /cEc0tr6mDZNdFNI6FEFxJYlDQ==
        -----END CERTIFICATE-----
        """;

    public const string Holder = """
        -----BEGIN CERTIFICATE-----
        MIIBWTCCAQugAwIBAgICfwEwBQYDK2VwMDUxCzAJBgNVBAYTAkNIMRQwEgYDVQQK
        EwtDeWduZXQgVGVzdDEQMA4GA1UEAxMHSG9sZGVyczAeFw0yMDAxMDEwMDAwMDBa
        Fw00OTAxMDEwMDAwMDBaMDMxCzAJBgNVBAYTAkNIMRQwEgYDVQQKEwtDeWduZXQg
        VGVzdDEOMAwGA1UEAxMFY2Fyb2wwKjAFBgMrZXADIQBHpynZ3dr0mtFGvG0h87lz
        OaZ2v72h6iHYr4KGm16KxqNBMD8wHwYDVR0jBBgwFoAU4Km2nwyt4jG+cV47ibtC
        7majWWswHAYDVR0RBBUwE4ERY2Fyb2xAZXhhbXBsZS5vcmcwBQYDK2VwA0EAh1Cg
        SXkcR8sH5nq3B+fmyuKUOwnRwrhU0f1wEVbInaAUlXLcO1CO3W//AxJ8DEVXi5Bk
        huTkcDbdrUWueQ1lBQ==
        -----END CERTIFICATE-----
        """;

    public const string Attributes = """
        -----BEGIN ATTRIBUTE CERTIFICATE-----
        MIIB4jCCAZQCAQEweqA/MDmkNzA1MQswCQYDVQQGEwJDSDEUMBIGA1UEChMLQ3ln
        bmV0IFRlc3QxEDAOBgNVBAMTB0hvbGRlcnMCAn8BoTekNTAzMQswCQYDVQQGEwJD
        SDEUMBIGA1UEChMLQ3lnbmV0IFRlc3QxDjAMBgNVBAMTBWNhcm9soEcwRaRDMEEx
        CzAJBgNVBAYTAkNIMRQwEgYDVQQKEwtDeWduZXQgVGVzdDEcMBoGA1UEAxMTQXR0
        cmlidXRlIEF1dGhvcml0eTAFBgMrZXACAgcFMCIYDzIwMjAwMTAxMDAwMDAwWhgP
        MjA0OTAxMDEwMDAwMDBaMCIwIAYIKwYBBQUHCgQxFDASMBAMBXNhbGVzDAdmaW5h
        bmNlMHcwagYDVR0jBGMwYYAUxhYjopZ5s5gXOzMjWlk9lQAb1GmhRaRDMEExCzAJ
        BgNVBAYTAkNIMRQwEgYDVQQKEwtDeWduZXQgVGVzdDEcMBoGA1UEAxMTQXR0cmli
        dXRlIEF1dGhvcml0eYICAQIwCQYDVR04BAIFADAFBgMrZXADQQD9pKSE2sS37U6B
        Taisb8iNpy3vM2tR7lLP4n95c92+8EICu1ZqQJPd2QiIjwjA4hc6PNxaVHVidurX
        /vmDag0K
        -----END ATTRIBUTE CERTIFICATE-----
        """;

    public const string Request = """
        -----BEGIN CERTIFICATE REQUEST-----
        MIIBEjCBxQIBADAyMQswCQYDVQQGEwJDSDEUMBIGA1UEChMLQ3lnbmV0IFRlc3Qx
        DTALBgNVBAMTBGRhdmUwKjAFBgMrZXADIQBTLkILtzq3ftVbnIYo0k1n7FX8g/Lm
        2+Ch9jNZGyjDGqBgMEcGCSqGSIb3DQEJDjE6MDgwIQYDVR0RBBowGIEQZGF2ZUBl
        eGFtcGxlLm9yZ4cEwAACATATBgkrBgEEAYI3FAIEBgwEZHVhbDAVBgkqhkiG9w0B
        CQcxCAwGc2VjcmV0MAUGAytlcANBAC83HhFwO/4x+S14JKEhnN8/V8KfD7UpBw1z
        lILRLw1IIUnhje+/reVT6yjlwmn4fV5fOg+8FT4+KSnaLK6KlA8=
        -----END CERTIFICATE REQUEST-----
        """;

    public const string EdRootCa = """
        -----BEGIN CERTIFICATE-----
        MIIBajCCARygAwIBAgIIV+ALc7Vsn+MwBQYDK2VwMDgxCzAJBgNVBAYTAkNIMRQw
        EgYDVQQKEwtDeWduZXQgVGVzdDETMBEGA1UEAxMKRWQgUm9vdCBDQTAgFw0yNjEx
        MjIwMTQ4NTNaGA8yMDgxMDgyNTAxNDg1M1owODELMAkGA1UEBhMCQ0gxFDASBgNV
        BAoTC0N5Z25ldCBUZXN0MRMwEQYDVQQDEwpFZCBSb290IENBMCowBQYDK2VwAyEA
        Lhi3eNMNqoMM/oJ6X+9gQMMS1NlMuizCnalsFS/qjESjQjBAMA8GA1UdEwEB/wQF
        MAMBAf8wDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQWBBRjyMuuol4krGQmu1SW8rAR
        4u4/IDAFBgMrZXADQQCJxPyt5n3hExgKL1Yh6QHlEwuzL17j+SGkg4/uRs6rn153
        Zqq+GaZvnZ+ktfGSwvQLmY2KdOqguACJMBRiEnEK
        -----END CERTIFICATE-----
        """;

    public const string EdIntermediate = """
        -----BEGIN CERTIFICATE-----
        MIIBljCCAUigAwIBAgIIUzd5XTNsfkYwBQYDK2VwMDgxCzAJBgNVBAYTAkNIMRQw
        EgYDVQQKEwtDeWduZXQgVGVzdDETMBEGA1UEAxMKRWQgUm9vdCBDQTAgFw0yNjEx
        MjIwMTQ4NTNaGA8yMDgwMDQxMjAxNDg1M1owQDELMAkGA1UEBhMCQ0gxFDASBgNV
        BAoTC0N5Z25ldCBUZXN0MRswGQYDVQQDExJFZCBJbnRlcm1lZGlhdGUgQ0EwKjAF
        BgMrZXADIQBlaOjXFqogLKSExXRUiLhyHIVIfk0YEbUx+s9drWE6+KNmMGQwEgYD
        VR0TAQH/BAgwBgEB/wIBADAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFAZQXl5e
        JOs3n8IThycn9X5a7YBvMB8GA1UdIwQYMBaAFGPIy66iXiSsZCa7VJbysBHi7j8g
        MAUGAytlcANBAAUEj9oIyICzmJj7o6jZETIk3hnGFKoG+c5HQYtduWZFGafbe3v3
        +QuMSGaD94zdJ/H5L6fayRpdvys6qYdj/wA=
        -----END CERTIFICATE-----
        """;

    public const string EdLeaf = """
        -----BEGIN CERTIFICATE-----
        MIIBdDCCASagAwIBAgIIJM0bZRofAAcwBQYDK2VwMEAxCzAJBgNVBAYTAkNIMRQw
        EgYDVQQKEwtDeWduZXQgVGVzdDEbMBkGA1UEAxMSRWQgSW50ZXJtZWRpYXRlIENB
        MCAXDTI2MTEyMjAxNDg1M1oYDzIwNzgxMTI5MDE0ODUzWjA9MQswCQYDVQQGEwJD
        SDEUMBIGA1UEChMLQ3lnbmV0IFRlc3QxGDAWBgNVBAMTD3N1bi5leGFtcGxlLm9y
        ZzAqMAUGAytlcAMhAP+9IUfeNhrS+v8ZQKNOOY8BPvZyVKzXlDOpdPsFG35loz8w
        PTAfBgNVHSMEGDAWgBQGUF5eXiTrN5/CE4cnJ/V+Wu2AbzAaBgNVHREEEzARgg9z
        dW4uZXhhbXBsZS5vcmcwBQYDK2VwA0EA0sbQeOUh+Ecc3kY9w4XPetf+0lqzY0wO
        7yfqzdWayXF9dIPxLdMW7/65XrYHoCvZKK3zSIGIQaNSBUtgwSvyBw==
        -----END CERTIFICATE-----
        """;

    public const string EdLeafKey = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIK1BlRIE80HSO1N2So28Ltic/z/OXs3TdJucbwmRtIpo
        -----END PRIVATE KEY-----
        """;

    public const string Ed448Key = """
        -----BEGIN PRIVATE KEY-----
        MEcCAQAwBQYDK2VxBDsEORTvgTthcdAf/6WSPZvEIU06VVU83UyrcPX0/Z/rveNU
        tio7iKEvvRizAHl3WWJdmd07SZipwDzw4g==
        -----END PRIVATE KEY-----
        """;

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

    /// <summary>PKCS#12: PBES2, SHA-256; leaf and intermediate CA.</summary>
    public const string Ed25519Container = """
        -----BEGIN PKCS12-----
        MIIFrQIBAzCCBWQGCSqGSIb3DQEHAaCCBVUEggVRMIIFTTCCBEEGCSqGSIb3DQEHBqCCBDIwggQuAgEAMIIEJwYJKoZIhvcNAQcB
        MFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAijMWZIitwCZAIBZDAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQrd4Y
        3gF4fTN/GBLo8XNy/oCCA8D7VgLVMpMNlyGJr0msenvFHqD8vPtlcsvs8rC1SHM9ywwsfABKu/XJMXUduaxVHVJciPtU1ncYdzbC
        r8Foa/uhnY1OPsIRd0XodwMM7m6AECOdtM+/yCWba9oaO+zlj4lA4Nwtqs69CF/inAkdayf/7HmUXbuyvOZ6AQ1fIoDx/W8aE0w3
        QjKREUauMKOhfO+MGeV8KHsSsaFYqPQRnGkZPE2x3A0mvhobMUBJmkAxFULW2WZeYFy6jfzm5c5pAeFi0FVEg4GcrK5D+7yeFyFO
        2/T5IE8BG11b9OKNuqAdfvlMNe9XSmCiHKGx7mYfqjPN65M8egm0iUW6U8SGl8JYY8H1lKIAZCceKwvaZ4lmKBLsyXuumsD0yezH
        /cxQoorwKJpz7C8qtHAhc67LBBdmNn3Tscp3Jd5gaWvlQJOfOOxLiqD4dgqmxTkGA76iBgrtEPuwz2UToyd99xY4stznD6h9CUM0
        quoun+0BBDoDTn2/oX2LyGCoqa4512ToGj8i4S2UWFfbEBMvpjL5uYU046pEzMlTC2YQYSPUTCAmlBuzr1zA5PJcgp//4v+Pm+3Y
        Pbv6vEoj5jlXpwEstM+OQ6os689uS62SiUpSCT7BdajyzReMrNOUwrr2TQq8uYA95QCbmbWwgC1q2v6qxf2gjYn6NxhiCiLNWHAZ
        q765VuYQAiCOP9N1VzabVCKqj7wyFx344F7dQJuv1wQ6tOo1IruVpQfJQfj+LFsMjp4BL+pjHFX4ujObQbs8Es2ExjnrIJcR/fop
        5RfKw5iQxt08mN+3Rfn7SXIzqHkjrqu0J68FMwqv3NSrWyZATWBOVTI1f8XuaBD3dA6vgCUu7mt3ypeRwnwrKs5q/czjH8BB1FqV
        Sf/81r7pMEVjiHQPAHcMEGT5niMox2m6pNjXgX9Duz0AVctZimhr1sh3ZrzGbZhLhkOkgNtIrScv2tzONZaQ9KrrLBKW6b+pHagF
        b4hLp7DCVxueFNcjNkXJpbxCZwQJAddeQl364xsiCSsFNxIu6ZD3dA+X8e2OeZxF+JJ0xuXO15EQj2iUvn4GrprdltAf7Ob1VF72
        AXQSlHImAm1p3pJFYRP3qYEKKzE8zSJIRSOQGj0kRB8elczPUOkJ6irDY/3yfcCRjhMP3kTuUKiMEfzIl1aS2mgCOKYCEW6fXJ57
        8WOtFvQ/6a7Nk3XrQ6u/opujoDAYumQAgdya9NzHGWS6qD+Jc+WHt/zc1vm5PLagHfaUNnF/ESYoE2iBhmg9vO8gkPZsTYhpbTGI
        EZwwggEEBgkqhkiG9w0BBwGggfYEgfMwgfAwge0GCyqGSIb3DQEMCgECoIGdMIGaMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEF
        DDAbBAhJK9Nu1fr/YQIBZDAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQRmR4rbNw38X+92tJgEHkrgRATomF8TBICEowHRbu
        Dp6cql5NBCUVCNVJU1exVkKYG2vDAf6H7QTYVyHsmEv1F3G3VOIUTReDnzMK3ccKbiB8ITE+MBcGCSqGSIb3DQEJFDEKHggAbABl
        AGEAZjAjBgkqhkiG9w0BCRUxFgQUdbW5sSx4HTsXtDgAbaFmcc+4dY4wQDAxMA0GCWCGSAFlAwQCAQUABCDIXTTFIrHkptEA/IeX
        FTJ5NlTXY3i8bN4pWzdrSY/f4gQI6vZCRcYKT8oCAWQ=
        -----END PKCS12-----
        """;

    /// <summary>PKCS#12: RC2-40 for the certificate, 3DES for the key, SHA-1.</summary>
    public const string EcdsaOldContainer = """
        -----BEGIN PKCS12-----
        MIIFZQIBAzCCBSsGCSqGSIb3DQEHAaCCBRwEggUYMIIFFDCCA+8GCSqGSIb3DQEHBqCCA+AwggPcAgEAMIID1QYJKoZIhvcNAQcB
        MBwGCiqGSIb3DQEMAQYwDgQIrkqd0iRJHcQCAggAgIIDqMb0lX+apc4R2i9g3Dd1IuxL7XXtBhNHtoS/yg2jLGitjEpWu2ur30gL
        C9xKuRW5WeuKhg07dAPqgBQgVr8V4RKj6dFXbFDYjgexOBI5INyBJfX12zEAtiPPWL3m1noMSSittx1fs89kU/E24YAbh8KEemyM
        7iRUvacSSJJkNkVrIVzNgsue9D61bIfaSQiOzR7mHW4M6aHf0oR1uhC6b+32V3+ZMC1hJ1sNlf+Ro2uUoo2TxB8ob3k9kb/gEJAk
        BaJVyK/CM82a268m7nolXr+7KZP9C7PE12kFk//0r0qjoFuEc1qWK+M+FHeiWIqCDv8sk+aF1lNhKlbGvPjbZUiLYvNS/KAuE+v7
        rJImdqTaCxarubz4H/pS2vg5QGfrZduOeJsBt4CI869DWAhzKIJmXA0h26i/WaAiYPZwZP7nX8hgP+TStFFZmtjV9QlHKAeAeVjK
        2Jvmme6kMe+9OARf7zN2EA2YQt6Ikn/WHCOtJ9KFUTVeOWQ9c2THKselWxE2npJIw7fWWQxyCYIJdSEtt8NZF2Czkb6aD4jcF6Vy
        d2geBJVSJgOlUM66jpnDaFa6JH3WQNMBeLuPw/oI4Tkvo8sUvKZkL6ydNbnRIK8D+gWIYdTKq9eO2c8QUjfLk8edIrSrJGBm6Ksh
        HaH4TMAJwlO5n2bmm4+i5Ppf77oT0YKgt5NDIE3sMyxamwCudq1oUE5vzd25oj4lH1vRvIXNh147SSHAaDowq2LtXgW7nB3btXQn
        tQQFn/aSfpty8e7xFobSaZi3TjsAMO5p85j13i6TtlMEtW5wVMPDk7PNs14dEkWTJrnm/x3iAudNx5nulJ+sVSARmnHv2UqWpRmx
        Q/Y2fnc0fSd8qJR0SdZqct7rUFS89TCsTqJOa7z5UTPgLhlx2AamQukRf1zhU8KVGo5kKXTAdS0C7RV5Yo7pXVo/pEFkLxd1NvF7
        b4wXrSg5vaVNO1WuQEhzjC5dSEUOsZC1/xSPFZyvO/xBMVX1RmjkUYGznmFlmZSGIDDdc4fQ8VW1HE75k2hOuFZn+ht281D3rbJ6
        YENEOD/vTz6yKppDZfcCRSlM4wjGN6/itfo0ytDt1wzJ/oQpsKdzh0Ip5ATvDgpxIqD8EvmXPWHOHVrriEeI4EZpzrds1y+VzT0f
        J+izkjk8rCdpSZv5hvI2s0RMejfFsNTu7CREIRUujUjDAwe+3BWIUe2Mm/lA1Af/vln+XXemTAwdz0ObXPzc1dAdIlCGXDCCAR0G
        CSqGSIb3DQEHAaCCAQ4EggEKMIIBBjCCAQIGCyqGSIb3DQEMCgECoIG0MIGxMBwGCiqGSIb3DQEMAQMwDgQIAqGhcmFNTOcCAggA
        BIGQAs9wTtRt5JYbKZ3h0o8h7eCo21D1+hqEh7CPqkOtQ5S71RjsYNry7qoSe4/KmzN7a36rOU6fBeZbltawwgKUB8Cd3FqNNcLm
        YraiJV1fl27HXbc9fo7E7spmzbPfOg/cLfuSDlut/1XERvyQLruacZ6sC4Kj/k76c3ZDAuUNGPT44QFbFKCy3O1szlciQDx5MTww
        FQYJKoZIhvcNAQkUMQgeBgBvAGwAZDAjBgkqhkiG9w0BCRUxFgQUfvYValuvI4/L9KfnZc1ILgZMeB8wMTAhMAkGBSsOAwIaBQAE
        FDspjKBpL50Y3/tnM6a/FRiBxYC/BAgzgP5/7YI0AQICCAA=
        -----END PKCS12-----
        """;
}
