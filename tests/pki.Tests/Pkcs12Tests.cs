// pki --pkcs12: containers of openssl, listed and taken apart. RFC 7292.
namespace Cygnet.PkiTool.Tests;

public sealed class Pkcs12Tests
{
    const string Listing = """
        Certificates:
        [ 1] "CN=ca" (CA)
        [ 2] "CN=leaf"
        Private keys:

        """;

    [Theory]
    [InlineData("rsa --size 2048", "RSA 2048 bits")]
    [InlineData("ecdsa --size 384", "ECDSA 384 bits")]
    [InlineData("ed25519", "ED25519 256 bits")]
    public void ListsAndExports(string type, string shown)
    {
        using var desk = Filled(type, "");
        Assert.Equal($"{Listing}[ 3] {shown}\n", desk.Pki("--pkcs12 --list --in @p12").Text);
        Assert.Equal(File.ReadAllBytes(desk["ca"]), desk.Pki("--pkcs12 --export 1 --in @p12").Output);
        Assert.Equal(File.ReadAllBytes(desk["leaf"]), desk.Pki("--pkcs12 --export 2 --in @p12").Output);
        // the same encodings as those of --gen
        Assert.Equal(File.ReadAllBytes(desk["key"]), desk.Pki("--pkcs12 --export 3 --in @p12").Output);
        Assert.StartsWith("-----BEGIN ", desk.Pki("--pkcs12 --export 3 --in @p12 --outform pem").Text);
    }

    [Fact]
    public void AsksForAPassphraseThreeTimes()
    {
        var asked = 0;
        using var desk = Filled("ed25519", "secret", _ => ++asked < 3 ? "wrong" : "secret");
        Assert.Equal($"{Listing}[ 3] ED25519 256 bits\n", desk.Pki("--pkcs12 --list --in @p12").Text);
        Assert.Equal(3, asked);
        asked = -3;
        Assert.StartsWith("reading input failed! --in '", desk.Pki("--pkcs12 --list --in @p12").Error);
    }

    [Theory]
    [InlineData("--in @p12", "Error: one of --list and --export is required, and they exclude each other\n")]
    [InlineData("--list --export 1 --in @p12", "Error: one of --list and --export is required, and they exclude each other\n")]
    [InlineData("--export 0 --in @p12", "Error: invalid --export value '0': ")]
    [InlineData("--export 4 --in @p12", "invalid index 4: the container holds 2 certificates and 1 keys\n")]
    [InlineData("--list --in @leaf", "reading input failed! --in '")]
    [InlineData("--list --in /nonexistent", "reading input failed!: --in '/nonexistent': No such file")]
    public void Refusals(string options, string start)
    {
        using var desk = Filled("ed25519", "");
        var outcome = desk.Pki($"--pkcs12 {options}");
        Assert.Equal(1, outcome.Exit);
        Assert.StartsWith(start, outcome.Error);
        Assert.Empty(outcome.Output);
    }

    static Desk Filled(string type, string passphrase, Func<string, string?>? ask = null)
    {
        var desk = new Desk { AskSecret = ask ?? (_ => null) };
        desk.Make("cakey", "--gen --type ed25519");
        desk.Make("key", $"--gen --type {type}");
        desk.Make("ca", "--self --in @cakey --dn CN=ca --ca");
        desk.Make("leaf", "--issue --type priv --in @key --dn CN=leaf --cacert @ca --cakey @cakey");
        foreach (var name in (string[])["ca", "leaf"]) desk.OpenSsl($"x509 -inform DER -in {desk[name]} -out {desk[name]}.pem");
        desk.OpenSsl($"pkey -inform DER -in {desk["key"]} -out {desk["key.pem"]}");
        desk.OpenSsl($"pkcs12 -export -inkey {desk["key.pem"]} -in {desk["leaf.pem"]} -certfile {desk["ca.pem"]} -passout pass:{passphrase} -out {desk["p12"]}");
        return desk;
    }
}
