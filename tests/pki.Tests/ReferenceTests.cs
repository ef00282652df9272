// The same inputs to strongSwan's pki and to ours: the same bytes where the encoding is fixed, the same TBS where the signature is random.

namespace Cygnet.PkiTool.Tests;

public sealed class ReferenceTests
{
    const string Dates = Desk.Dates;

    [ReferenceTheory]
    [InlineData("rsa", "2048", 16)]
    [InlineData("ecdsa", "256", 0)]
    [InlineData("ecdsa", "384", 0)]
    [InlineData("ecdsa", "521", 0)]
    [InlineData("ed25519", "0", 0)]
    [InlineData("ed448", "0", 0)]
    public void KeysHaveTheReferencesForm(string type, string size, int tolerance)
    {
        using var desk = new Desk();
        var arguments = $"--gen --type {type}{(size == "0" ? "" : $" --size {size}")}";
        var (ours, theirs) = (desk.Make("ours", arguments), desk.MakeByReference("theirs", arguments));
        // Numbers of RSA may be some bytes shorter.
        Assert.InRange(ours.Length, theirs.Length - tolerance, theirs.Length + tolerance);
        desk.Make("ours.pem", $"{arguments} --outform pem");
        desk.MakeByReference("theirs.pem", $"{arguments} --outform pem");
        Assert.Equal(File.ReadLines(desk["theirs.pem"]).First(), File.ReadLines(desk["ours.pem"]).First());
        foreach (var key in (string[])["ours", "ours.pem", "theirs", "theirs.pem"])
            foreach (var command in (string[])["--keyid --in @{0}", "--pub --in @{0}", "--pub --in @{0} --outform pem", "--pub --in @{0} --outform sshkey", "--print --type priv --in @{0}"])
                Comparison.Same(desk, string.Format(null, command, key));
    }

    [ReferenceFact]
    public void EveryFormOfKeyIdsAndNames()
    {
        using var desk = ReferenceDesk.Filled();
        foreach (var id in (string[])["all", "spk", "spki"])
            foreach (var format in (string[])["pretty", "hex", "base64", "bin"]) Comparison.Same(desk, $"--keyid --in @rsa --id {id} --format {format}");
        foreach (var format in (string[])["config", "hex", "base64", "bin"]) Comparison.Same(desk, $"--dn --in @ca --format {format}");
        foreach (var type in (string[])["pub:pub", "pkcs10:req", "x509:leaf"])
        {
            Comparison.Same(desk, $"--keyid --type {type.Split(':')[0]} --in @{type.Split(':')[1]}");
            Comparison.Same(desk, $"--pub --type {type.Split(':')[0]} --in @{type.Split(':')[1]}");
        }
        Comparison.Same(desk, "--pub --in @rsa --outform dnskey");
    }

    [ReferenceTheory]
    [InlineData("--ca")]
    [InlineData("--ca --pathlen 1")]
    [InlineData("--ca --pathlen 0 --outform pem")]
    [InlineData("--san a.b.c --san x@y.z --san 10.1.2.3 --san fe80::1 --san 'C=CH, CN=other'")]
    [InlineData("--san a --flag serverAuth --flag msSmartcardLogon --flag clientAuth --flag ikeIntermediate --flag ocspSigning")]
    [InlineData("--san a --flag crlSign")]
    [InlineData("--san a --ocsp http://a --ocsp http://b")]
    [InlineData("--ca --nc-permitted .b.c --nc-permitted x@y.z --nc-excluded foo.b.c --nc-excluded 'C=CH, O=x'")]
    [InlineData("--ca --cert-policy 1.2.3 --cps-uri http://cps --user-notice hello --cert-policy 1.2.5 --policy-map 1.2.3:1.2.4 --policy-any 3")]
    [InlineData("--san a --addrblock 10.1.0.0/16 --addrblock 10.2.0.0-10.2.0.6 --addrblock fe80::/64")]
    [InlineData("--san a --critical 1.2.3.4")]
    [InlineData("--san a --serial 00ff")]
    [InlineData("--san a --digest sha512")]
    [InlineData("--san a --dn 'C=CH, CN=ünï, E=a@b.c, serialNumber=7'")]
    public void SelfSignedCertificates(string options)
    {
        using var desk = ReferenceDesk.Filled();
        foreach (var key in ReferenceDesk.Keys)
        {
            if (options.Contains("--digest") && key.StartsWith("ed", StringComparison.Ordinal)) continue;
            Comparison.SameSigned(desk, $"--self --in @{key} --dn 'C=CH, O=Lab, CN=Root' --serial 0123 {Dates} {options}", isDeterministic: key != "ecdsa");
        }
    }

    [ReferenceTheory]
    [InlineData("--type pub --in @pub --dn CN=x --flag serverAuth")]
    [InlineData("--type priv --in @ed448 --dn CN=x --ca --pathlen 0")]
    [InlineData("--type pkcs10 --in @req")]
    [InlineData("--type pkcs10 --in @req --dn CN=other --san more.example")]
    [InlineData("--type pkcs10 --in @dual --crl http://a --crlissuer 'C=CH, CN=crl' --crl http://b --ocsp http://c")]
    public void IssuedCertificates(string options)
    {
        using var desk = ReferenceDesk.Filled();
        Comparison.SameSigned(desk, $"--issue {options} --cacert @ca --cakey @rsa --serial 02 {Dates}", isDeterministic: true);
    }

    [ReferenceTheory]
    [InlineData("")]
    [InlineData("--san a.b --san c@d --password secret --profile server")]
    [InlineData("--profile ocsp --outform pem")]
    public void Requests(string options)
    {
        using var desk = ReferenceDesk.Filled();
        foreach (var key in ReferenceDesk.Keys) Comparison.SameSigned(desk, $"--req --in @{key} --dn 'C=CH, CN=req' {options}", isDeterministic: key != "ecdsa");
    }

    [ReferenceTheory]
    [InlineData("--reason key-compromise --date 1700000000 --cert @leaf --date 1 --serial 0abc --date 1700000001 --reason superseded --serial 0abd")]
    [InlineData("--date 1 --serial 01 --crluri http://fresh --crluri http://fresher --outform pem")]
    [InlineData("--lastcrl @crl --date 1700000002 --serial 05")]
    [InlineData("--basecrl @crl --date 1700000002 --serial 06")]
    public void Crls(string options)
    {
        using var desk = ReferenceDesk.Filled();
        Comparison.SameSigned(desk, $"--signcrl --cacert @ca --cakey @rsa {Desk.Updates} {options}", isDeterministic: true);
    }

    [ReferenceFact]
    public void PrintsConstraintsAsTheReference()
    {
        using var desk = ReferenceDesk.Filled();
        const string all = "--ca --pathlen 1 --nc-permitted .example.org --nc-permitted C=CH --nc-excluded joe@example.org --cert-policy 1.2.3.4 --cps-uri http://cps --cert-policy 1.2.3.5 "
            + "--user-notice Ours --policy-mapping 1.2.3.4:1.2.3.9 --policy-any 2 --policy-explicit 1 --policy-inhibit 0 --addrblock 10.0.0.0/8 --addrblock 2001:db8::/32 --addrblock 192.168.1.0-192.168.1.6";
        desk.MakeByReference("theirs", $"--self --type priv --in @rsa --dn CN=theirs {Desk.Dates} {all}");
        Comparison.Same(desk, "--print --in @theirs");
        // The reference does not read policy constraints that are encoded as RFC 5280 wants them.
        desk.Make("ours", $"--self --type priv --in @rsa --dn CN=ours {Desk.Dates} {all.Replace("--policy-explicit 1 --policy-inhibit 0 ", "")}");
        Comparison.Same(desk, "--print --in @ours");
    }

    [ReferenceFact]
    public void PrintsAsTheReference()
    {
        using var desk = ReferenceDesk.Filled();
        desk.Make("old", "--issue --type priv --in @ecdsa --dn CN=old --cacert @ca --cakey @rsa --not-after 20200101000000 --dateform %Y%m%d%H%M%S");
        desk.Make("future", "--issue --type priv --in @ecdsa --dn CN=future --cacert @ca --cakey @rsa --not-before 20480101000000 --dateform %Y%m%d%H%M%S");
        desk.Make("rich", "--issue --type priv --in @ed448 --dn CN=rich --cacert @ca --cakey @rsa --ca --pathlen 2 --crl http://a --crlissuer CN=crl --crl http://b --ocsp http://c " + Dates + " "
            + "--ocsp http://d --flag serverAuth --flag clientAuth --flag ikeIntermediate --flag ocspSigning --flag msSmartcardLogon --san a.b --san 10.0.0.1");
        foreach (var name in (string[])["ca", "leaf", "old", "future", "rich"]) Comparison.Same(desk, $"--print --in @{name}");
        desk.Make("crl2", "--signcrl --cacert @ca --cakey @rsa --lastcrl @crl --reason ca-compromise --serial 01 --reason certificate-hold --serial 02 --crluri http://a --crluri http://b " + Desk.Updates);
        desk.Make("delta", "--signcrl --cacert @ca --cakey @rsa --basecrl @crl --reason cessation-of-operation --serial 01 " + Desk.Updates);
        foreach (var name in (string[])["crl", "crl2", "delta"]) Comparison.Same(desk, $"--print --type crl --in @{name}");
        Comparison.Same(desk, "--print --type pub --in @pub");
    }

    [ReferenceFact]
    public void VerifiesAsTheReference()
    {
        using var desk = ReferenceDesk.Filled();
        desk.Make("old", "--issue --type priv --in @ecdsa --dn CN=old --cacert @ca --cakey @rsa --not-after 20200101000000 --dateform %Y%m%d%H%M%S");
        desk.Make("sub", "--issue --type priv --in @ecdsa --dn CN=sub --ca --cacert @ca --cakey @rsa");
        desk.Make("below", "--issue --type priv --in @ed25519 --dn CN=below --cacert @sub --cakey @ecdsa");
        desk.Make("revoking", "--signcrl --cacert @ca --cakey @rsa --cert @leaf");
        desk.Make("holding", "--signcrl --cacert @ca --cakey @rsa --reason certificate-hold --cert @leaf");
        desk.Make("stale", "--signcrl --cacert @ca --cakey @rsa --next-update 20200101000000 --dateform %Y%m%d%H%M%S");
        desk.Make("foreign", "--signcrl --cacert @sub --cakey @ecdsa");
        foreach (var arguments in (string[])
        [
            "--in @leaf --cacert @ca", "--in @leaf", "--in @ca", "--in @ca --cacert @ca", "--in @old --cacert @ca", "--in @old", "--in @below --cacert @ca --cacert @sub",
            "--in @below --cacert @ca", "--in @leaf --cacert @sub", "--in @leaf --cacert @ca --crl @crl", "--in @leaf --cacert @ca --crl @revoking",
            "--in @leaf --cacert @ca --crl @holding", "--in @leaf --cacert @ca --crl @stale", "--in @leaf --cacert @ca --crl @foreign", "--in @leaf --cacert @ca --crl @stale --crl @crl",
            "--in @below --cacert @ca --cacert @sub --crl @crl", "--in @below --cacert @ca --cacert @sub --crl @crl --crl @foreign",
        ])
            Comparison.Same(desk, $"--verify {arguments}");
    }
}
