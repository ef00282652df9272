// CRLs and OCSP responses through VICI: load-cert, list-certs, flush-certs, and the URIs of authorities.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Control;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.Charon.Tests;

public sealed class CrlCommandTests
{
    static readonly X509Certificate2 s_ca = MakeCa();

    static X509Certificate2 MakeCa()
    {
        var request = new CertificateRequest("CN=ca", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    static byte[] Crl(int number, int entries = 0)
    {
        var builder = new CertificateRevocationListBuilder();
        for (var i = 0; i < entries; i++) builder.AddEntry([1, (byte)(i >> 16), (byte)(i >> 8), (byte)i]);
        return builder.Build(s_ca, number, DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256);
    }

    static ViciSection Load(byte[] crl) => new ViciSection().Add("type", "X509_CRL").Add("data", crl);

    static async Task<List<ViciSection>> List(ControlSocket control, string type)
    {
        using var client = control.Connect();
        var (events, _) = await client.Stream("list-cert", "list-certs", new ViciSection().Add("type", type));
        return [.. events.Select(e => e.Message)];
    }

    [Fact]
    public async Task OnlyANewerListIsKept()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        foreach (var number in new[] { 2, 1, 3 }) Assert.Equal("yes", (await client.Request("load-cert", Load(Crl(number)))).Text("success"));
        var crl = Assert.Single(control.Daemon.Store.Current.Credentials.Crls);
        Assert.Equal([3], crl.Number);
        var listed = Assert.Single(await List(control, "x509_crl"));
        Assert.Equal("X509_CRL", listed.Text("type"));
        Assert.Equal(crl.Raw, listed.Bytes("data"));
        Assert.False(listed.Has("flag"));
        Assert.Single(await List(control, "any"));
        Assert.Empty(await List(control, "x509"));
        var refused = await client.Request("load-cert", Load([1, 2, 3]));
        Assert.Equal("parsing X509_CRL certificate failed", refused.Text("errmsg"));
        await client.Request("clear-creds");
        Assert.Empty(await List(control, "X509_CRL"));
    }

    [Fact]
    public async Task AListLongerThanAValueComesInParts()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        var crl = Crl(1, 30_000);
        Assert.True(crl.Length > 600_000);
        List<byte[][]> messages = [.. crl.Chunk(ushort.MaxValue).Chunk(7)];
        for (var i = 0; i < messages.Count; i++)
        {
            Assert.Empty(control.Daemon.Store.Current.Credentials.Crls);
            var answer = await client.Request("load-cert", new ViciSection().Add("type", "X509_CRL").AddList("data", messages[i]).Add("more", i + 1 < messages.Count));
            Assert.Equal("yes", answer.Text("success"));
        }
        Assert.Equal(crl, Assert.Single(control.Daemon.Store.Current.Credentials.Crls).Raw);
        // Listed likewise, to who says that he knows.
        Assert.Empty(await List(control, "X509_CRL"));
        var (events, _) = await client.Stream("list-cert", "list-certs", new ViciSection().Add("type", "X509_CRL").Add("x-ext", "yes"));
        Assert.Equal(["yes", null], events.Select(e => e.Message.Text("more")));
        Assert.Equal(crl, events.SelectMany(e => e.Message.Lists.Single(l => l.Name == "data").Items).SelectMany(p => p));
    }

    [Fact]
    public async Task WhatWasFetchedIsListedAndPurged()
    {
        await using var control = new ControlSocket();
        using var client = control.Connect();
        await client.Request("load-cert", Load(Crl(1)));
        var need = new StatusNeed("http://x/");
        var cache = control.Daemon.Statuses;
        cache.Note(need, StatusAnswer.Failed("down"), DateTimeOffset.UtcNow);
        Learn(cache, Crl(2));
        Assert.Equal(2, (await List(control, "X509_CRL")).Count);
        Assert.Equal("yes", (await client.Request("flush-certs", new ViciSection().Add("type", "ocsp_response"))).Text("success"));
        Assert.Equal(2, (await List(control, "X509_CRL")).Count);
        Assert.Equal("yes", (await client.Request("flush-certs", new ViciSection().Add("type", "x509_crl"))).Text("success"));
        // What is loaded stays.
        Assert.Single(await List(control, "X509_CRL"));
        Assert.Equal("invalid certificate type 'foo'", (await client.Request("flush-certs", new ViciSection().Add("type", "foo"))).Text("errmsg"));
    }

    // Through a validation, which is how CRLs get into the cache.
    static void Learn(StatusCache cache, byte[] crl)
    {
        var ca = Certificate.TryParse(s_ca.RawData, out _)!;
        var leafRequest = new CertificateRequest("CN=leaf", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        leafRequest.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension(["http://x/"]));
        using var made = leafRequest.Create(s_ca, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1]);
        var round = new StatusRound(StatusPicture.Empty, new Dictionary<StatusNeed, StatusAnswer> { [new("http://x/")] = StatusAnswer.Of(crl, []) }, mayFetch: true);
        var check = new StatusCheck(new Crypto.SystemCrypto(), new([ca], [], [], [], []), round);
        Assert.Equal(CertificateStatus.Good, check.Check(Certificate.TryParse(made.RawData, out _)!, ca, DateTimeOffset.UtcNow, []));
        cache.Learn(round, DateTimeOffset.UtcNow);
    }
}
