// A chain of three by Edwards curves, made by Debian's pki; the keys are for tests only.
namespace Cygnet.Tests.Pki;

static partial class Fixtures
{
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
}
