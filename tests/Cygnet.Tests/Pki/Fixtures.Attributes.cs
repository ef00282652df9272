// An attribute certificate and a certificate request, made by Debian's pki.
namespace Cygnet.Tests.Pki;

static partial class Fixtures
{
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
}
