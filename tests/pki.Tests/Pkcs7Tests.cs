// pki --pkcs7: what it makes, openssl and the reference read, and the other way round. RFC 5652.
namespace Cygnet.PkiTool.Tests;

public sealed class Pkcs7Tests
{
    [Theory]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    public void OpensslVerifiesWhatWeSign(string kind)
    {
        using var desk = Filled(kind);
        desk.Make("p7", "--pkcs7 --sign --in @content --key @key --cert @cert");
        desk.OpenSsl($"x509 -inform DER -in {desk["cert"]} -out {desk["cert.pem"]}");
        desk.OpenSsl($"cms -verify -binary -purpose any -inform DER -in {desk["p7"]} -CAfile {desk["cert.pem"]} -out {desk["out"]}");
        Assert.Equal(File.ReadAllBytes(desk["content"]), File.ReadAllBytes(desk["out"]));
    }

    [Theory]
    [InlineData("rsa", "-md sha256")]
    [InlineData("rsa", "-md sha512 -stream")]
    [InlineData("rsa", "-md sha1 -noattr")]
    [InlineData("rsa", "-md sha384 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:48")]
    [InlineData("rsa", "-outform PEM")]
    [InlineData("rsa", "-nocerts")]
    [InlineData("ecdsa", "-md sha384")]
    public void WeVerifyWhatOpensslSigns(string kind, string options)
    {
        using var desk = Filled(kind);
        Pems(desk);
        desk.OpenSsl($"cms -sign -nodetach -binary -outform DER -in {desk["content"]} -signer {desk["cert.pem"]} -inkey {desk["key.pem"]} -out {desk["p7"]} {options}");
        var outcome = desk.Pki("--pkcs7 --verify --in @p7 --cert @cert");
        Assert.Equal((0, "Hello"), (outcome.Exit, outcome.Text));
        Assert.StartsWith("signed by 'C=CH, CN=signer'", outcome.Error);
        desk.Make("other", "--self --in @otherkey --dn CN=other");
        outcome = desk.Pki("--pkcs7 --verify --in @p7 --cert @other");
        Assert.Equal(1, outcome.Exit);
        Assert.EndsWith("no trusted signature found\n", outcome.Error);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public void TheSignersCertificateMayComeFromACaThatIsTrusted()
    {
        using var desk = Filled("ed25519");
        desk.Make("ca", $"--self --in @otherkey --dn CN=ca --ca {Desk.Dates}");
        desk.Make("leaf", $"--issue --type priv --in @key --dn CN=leaf --cacert @ca --cakey @otherkey {Desk.Dates}");
        desk.Make("p7", "--pkcs7 --sign --in @content --key @key --cert @leaf");
        Assert.StartsWith("signed by 'CN=leaf' at ", desk.Pki("--pkcs7 --verify --in @p7 --cert @ca").Error);
        Assert.Equal(1, desk.Pki("--pkcs7 --verify --in @p7 --cert @cert").Exit);
    }

    [Fact]
    public void NoChangedByteOfContentOrAttributesPasses()
    {
        using var desk = Filled("ed25519");
        var made = desk.Make("p7", "--pkcs7 --sign --in @content --key @key --cert @cert");
        var begin = made.AsSpan().LastIndexOf("CN=signer"u8) is var at && at < 0 ? made.AsSpan().LastIndexOf("signer"u8) : at;
        foreach (var place in (int[])[made.AsSpan().IndexOf("Hello"u8), .. Enumerable.Range(begin + 12, made.Length - begin - 12)])
        {
            var changed = made.ToArray();
            changed[place] ^= 1;
            File.WriteAllBytes(desk["changed"], changed);
            var outcome = desk.Pki("--pkcs7 --verify --in @changed --cert @cert");
            // The parameters of an algorithm carry no meaning; everything else does.
            if (outcome.Exit == 0) Assert.Equal("Hello", outcome.Text);
            if (place == made.AsSpan().IndexOf("Hello"u8) || place > made.Length - 60) Assert.Equal(1, outcome.Exit);
        }
    }

    [ReferenceFact]
    public void TheReferenceAndWeReadEachOther()
    {
        using var desk = Filled("rsa");
        // It exits with 1 though it has signed, and cannot verify that: the algorithm that it writes is not the one that it looks for.
        File.WriteAllBytes(desk["theirs"], desk.Reference("--pkcs7 --sign --in @content --key @key --cert @cert").Output);
        Assert.Equal("Hello", desk.Pki("--pkcs7 --verify --in @theirs --cert @cert").Text);
        desk.Make("ours", "--pkcs7 --sign --in @content --key @key --cert @cert");
        Comparison.Same(desk, "--pkcs7 --verify --in @ours --cert @cert");
        foreach (var name in (string[])["theirs", "ours"]) Comparison.Same(desk, $"--pkcs7 --show --in @{name}");
        File.WriteAllBytes(desk["sealed"], desk.Reference("--pkcs7 --encrypt --in @content --cert @cert").Output);
        desk.Make("ours-sealed", "--pkcs7 --encrypt --in @content --cert @cert");
        foreach (var name in (string[])["sealed", "ours-sealed"])
        {
            Comparison.Same(desk, $"--pkcs7 --decrypt --in @{name} --cert @cert --key @key");
            Comparison.Same(desk, $"--pkcs7 --show --in @{name}");
        }
    }

    [Theory]
    [InlineData("-aes128")]
    [InlineData("-aes256 -stream")]
    [InlineData("-des3")]
    [InlineData("-aes192 -keyopt rsa_padding_mode:oaep")]
    public void WeDecryptWhatOpensslEncrypts(string options)
    {
        using var desk = Filled("rsa");
        Pems(desk);
        desk.OpenSsl($"cms -encrypt -binary -outform DER -in {desk["content"]} -out {desk["p7"]} -recip {desk["cert.pem"]} {options}");
        Assert.Equal("Hello", desk.Pki("--pkcs7 --decrypt --in @p7 --cert @cert --key @key").Text);
        desk.Make("ours", "--pkcs7 --encrypt --in @content --cert @cert");
        desk.OpenSsl($"cms -decrypt -binary -inform DER -in {desk["ours"]} -recip {desk["cert.pem"]} -inkey {desk["key.pem"]} -out {desk["out"]}");
        Assert.Equal("Hello", File.ReadAllText(desk["out"]));
    }

    [Theory]
    [InlineData("", "Error: one of --sign, --verify, --encrypt, --decrypt and --show is required\n")]
    [InlineData("--sign --verify", "Error: invalid --pkcs7 option: --sign and --verify exclude each other\n")]
    [InlineData("--verify --in @content", "requiring a certificate!\n")]
    [InlineData("--sign --in @content --cert @cert", "signing requires a private key\n")]
    [InlineData("--sign --in @content --cert @cert --key @otherkey", "--key '")]
    [InlineData("--sign --in /nonexistent --cert @cert --key @key", "reading input failed!: --in '/nonexistent': No such file")]
    [InlineData("--show --in @content", "reading PKCS#7 container failed: neither DER nor PEM\n")]
    [InlineData("--show --in @cert", "reading PKCS#7 container failed: malformed PKCS#7 container: ")]
    [InlineData("--verify --in @sealed --cert @cert", "verification failed, container is PKCS7_ENVELOPED_DATA\n")]
    [InlineData("--decrypt --in @signed --cert @cert --key @key", "decryption failed, container is PKCS7_SIGNED_DATA\n")]
    [InlineData("--decrypt --in @sealed --cert @other --key @key", "PKCS#7 decryption failed: the container is for none of the certificates given with --cert\n")]
    [InlineData("--decrypt --in @sealed --cert @cert --key @otherkey", "PKCS#7 decryption failed: --key '")]
    [InlineData("--decrypt --in @sealed --cert @cert --key @thirdkey", "PKCS#7 decryption failed: the private key does not open the container\n")]
    [InlineData("--encrypt --in @content --cert @other", "\"CN=other\" has a key of type ed25519, which cannot encrypt; RSA keys can\n")]
    public void Refusals(string options, string start)
    {
        using var desk = Filled("rsa");
        desk.Make("thirdkey", "--gen");
        desk.Make("other", "--self --in @otherkey --dn CN=other");
        desk.Make("signed", "--pkcs7 --sign --in @content --key @key --cert @cert");
        desk.Make("sealed", "--pkcs7 --encrypt --in @content --cert @cert");
        var outcome = desk.Pki($"--pkcs7 {options}");
        Assert.Equal(1, outcome.Exit);
        Assert.StartsWith(start, outcome.Error);
        Assert.Empty(outcome.Output);
    }

    static Desk Filled(string kind)
    {
        var desk = new Desk();
        desk.Make("key", $"--gen --type {kind}");
        desk.Make("otherkey", "--gen --type ed25519");
        desk.Make("cert", $"--self --in @key --dn 'C=CH, CN=signer' --serial 0102 {Desk.Dates}");
        File.WriteAllText(desk["content"], "Hello");
        return desk;
    }

    static void Pems(Desk desk)
    {
        desk.OpenSsl($"x509 -inform DER -in {desk["cert"]} -out {desk["cert.pem"]}");
        desk.OpenSsl($"pkey -inform DER -in {desk["key"]} -out {desk["key.pem"]}");
    }
}
