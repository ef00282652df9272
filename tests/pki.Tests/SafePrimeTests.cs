// pki --gen --safe-primes: a key like any other, whose primes are 2p + 1 of primes.
using System.Formats.Asn1;
using System.Numerics;

namespace Cygnet.PkiTool.Tests;

public sealed class SafePrimeTests
{
    [Fact]
    public void ThePrimesAreSafe()
    {
        using var desk = new Desk();
        var der = desk.Make("key", "--gen --size 1024 --safe-primes");
        var numbers = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        List<BigInteger> all = [];
        while (numbers.HasData) all.Add(numbers.ReadInteger());
        var (n, e, d, p, q) = (all[1], all[2], all[3], all[4], all[5]);
        Assert.Equal((9, BigInteger.Zero, 1024L, new BigInteger(65537)), (all.Count, all[0], n.GetBitLength(), e));
        Assert.True(p > q && p * q == n);
        var order = (p - 1) * (q - 1) / 2;
        Assert.Equal((BigInteger.One, d % (p - 1), d % (q - 1), BigInteger.One), (e * d % order, all[6], all[7], all[8] * q % p));
        Assert.True(d < order);
        foreach (var prime in (BigInteger[])[p, q, (p - 1) / 2, (q - 1) / 2]) Assert.Contains(" is prime", desk.OpenSsl($"prime {prime}"));
        Assert.Contains("RSA key ok", desk.OpenSsl($"rsa -inform DER -in {desk["key"]} -check -noout"));
        Assert.StartsWith("-----BEGIN RSA PRIVATE KEY-----\n", desk.Pki("--gen --size 1024 --safe-primes --outform pem").Text);
        desk.Make("cert", "--self --in @key --dn CN=safe");
        Assert.Equal(0, desk.Pki("--verify --in @cert").Exit);
    }
}
