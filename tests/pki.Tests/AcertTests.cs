// pki --acert and --print --type ac: byte for byte as the reference, and each reads what the other makes. RFC 5755.
namespace Cygnet.PkiTool.Tests;

public sealed class AcertTests
{
    const string Hours = "--not-before 20200101000000 --not-after 20490101000000 --dateform %Y%m%d%H%M%S";

    [ReferenceTheory]
    [InlineData("rsa", "--group sales --group finance")]
    [InlineData("rsa", "--group sales --digest sha512 --outform pem")]
    [InlineData("ed25519", "")]
    [InlineData("ed448", "--group 'a group, with a comma' --group müllers --outform pem")]
    [InlineData("ecdsa", "--group sales")]
    public void EncodesAsTheReference(string kind, string options)
    {
        using var desk = Filled(kind);
        Comparison.SameSigned(desk, $"--acert --in @holder --issuercert @aa --issuerkey @key --serial 0705 {Hours} {options}", isDeterministic: kind != "ecdsa");
    }

    [ReferenceFact]
    public void PrintsAsTheReference()
    {
        using var desk = Filled("rsa");
        desk.Make("both", $"--acert --in @holder --issuercert @aa --issuerkey @key --serial 01 {Hours} --group sales --group finance --group müllers");
        desk.Make("none", $"--acert --in @holder --issuercert @aa --issuerkey @key --serial 7f01 {Hours} --outform pem");
        desk.MakeByReference("theirs", $"--acert --in @holder --issuercert @aa --issuerkey @key --serial 01 {Hours} --group sales");
        desk.Make("old", "--acert --in @holder --issuercert @aa --issuerkey @key --group sales --not-after 20200101000000 --dateform %Y%m%d%H%M%S");
        foreach (var name in (string[])["both", "none", "theirs", "old"]) Comparison.Same(desk, $"--print --type ac --in @{name}");
    }

    [Fact]
    public void IsValidForADayUnlessAskedOtherwise()
    {
        using var desk = new Desk();
        desk.Make("key", "--gen --type ed25519");
        desk.Make("aa", "--self --in @key --dn CN=aa");
        const string begin = "--not-before 20300101000000 --dateform %Y%m%d%H%M%S";
        desk.Make("ac", $"--acert --in @aa --issuercert @aa --issuerkey @key {begin}");
        Assert.Contains("not after  Jan 02 00:00:00 2030, ", desk.Pki("--print --type ac --in @ac").Text);
        desk.Make("ac", $"--acert --in @aa --issuercert @aa --issuerkey @key {begin} --lifetime 72");
        Assert.Contains("not after  Jan 04 00:00:00 2030, ", desk.Pki("--print --type ac --in @ac").Text);
    }

    [Theory]
    [InlineData("", "Error: --issuercert is required\n")]
    [InlineData("--issuercert @aa", "Error: --issuerkey or --issuerkeyid is required\n")]
    [InlineData("--issuercert @aa --issuerkeyid 01", "loading issuer private key failed: --issuerkeyid '01': no PKCS#11 module is loaded; ")]
    [InlineData("--issuercert @key --issuerkey @key --in @aa", "parsing issuer certificate failed: --issuercert '")]
    [InlineData("--issuercert @aa --issuerkey @other --in @aa", "issuer private key does not match issuer certificate: --issuerkey '")]
    [InlineData("--issuercert @aa --issuerkey @key --in @key", "parsing user certificate failed: --in '")]
    [InlineData("--issuercert @aa --issuerkey @key --in @aa --group ''", "Error: --group '' invalid: ")]
    [InlineData("--issuercert @aa --issuerkey @key --in @aa --lifetime 0", "Error: invalid --lifetime value '0': ")]
    public void Refusals(string options, string start)
    {
        using var desk = new Desk();
        desk.Make("key", "--gen --type ed25519");
        desk.Make("other", "--gen --type ed25519");
        desk.Make("aa", "--self --in @key --dn CN=aa");
        var outcome = desk.Pki($"--acert {options}");
        Assert.Equal(1, outcome.Exit);
        Assert.StartsWith(start, outcome.Error);
        Assert.Empty(outcome.Output);
    }

    static Desk Filled(string kind)
    {
        var desk = new Desk();
        desk.MakeByReference("key", $"--gen --type {kind}{(kind == "ecdsa" ? " --size 256" : "")}");
        desk.MakeByReference("aa", $"--self --in @key --dn 'C=CH, O=Lab, CN=AA' --serial 0102 {Desk.Dates}");
        desk.MakeByReference("ca", $"--self --in @key --ca --dn 'C=CH, O=Lab, CN=Root' --serial 01 {Desk.Dates}");
        desk.MakeByReference("holder", $"--issue --type priv --in @key --dn 'C=CH, CN=carol' --cacert @ca --cakey @key --serial 7f01 --san carol@example.org {Desk.Dates}");
        return desk;
    }
}
