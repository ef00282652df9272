// Every format and encryption in which openssl and the reference's pki write private keys and containers.
using System.Text;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.Tests.Pki;

public sealed class KeyFormatTests
{
    static readonly byte[] _secret = "se cret"u8.ToArray();

    static byte[] KeyId(byte[] file, byte[][] passphrases)
    {
        var pkcs8 = PrivateKeyFile.Read(file, passphrases, out var reason);
        Assert.Equal("", reason);
        return SoftwareKey.FromPkcs8(pkcs8).Public.SubjectPublicKeyInfo;
    }

    [ProgramTheory("openssl")]
    [InlineData("RSA -pkeyopt rsa_keygen_bits:2048", "rsa")]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-256", "ec")]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-384", "ec")]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-521", "ec")]
    [InlineData("EC -pkeyopt ec_paramgen_curve:brainpoolP256r1", "ec")]
    [InlineData("EC -pkeyopt ec_paramgen_curve:brainpoolP384r1", "ec")]
    [InlineData("EC -pkeyopt ec_paramgen_curve:brainpoolP512r1", "ec")]
    [InlineData("ED25519", null)]
    [InlineData("ED448", null)]
    public void Plain_and_encrypted_in_pem_and_der(string algorithm, string? traditional)
    {
        using var at = new KeyPrograms();
        Assert.True(at.Run($"openssl genpkey -algorithm {algorithm} -out k && openssl pkey -in k -pubout -outform der -out pub"));
        var pub = at["pub"];
        List<string> written = [];
        void Check(string command, bool isEncrypted)
        {
            if (!at.Run($"{command} -out f")) return;
            written.Add(command);
            Assert.Equal(isEncrypted, PrivateKeyFile.WantsPassphrase(at["f"]));
            Assert.Equal(pub, KeyId(at["f"], isEncrypted ? ["wrong"u8.ToArray(), _secret] : []));
            if (!isEncrypted) return;
            Assert.Null(PrivateKeyFile.Read(at["f"], ["wrong"u8.ToArray()], out var reason));
            Assert.Equal("the passphrase does not open the private key", reason);
        }
        foreach (var form in (string[])["pem", "der"])
        {
            Check($"openssl pkcs8 -topk8 -nocrypt -in k -outform {form}", false);
            // Not every algorithm with every key: they are independent.
            string[] schemes = algorithm == "ED25519"
                ? ["-v2 aes128", "-v2 aes192", "-v2 aes256", "-v2 des3", "-v2 camellia128", "-v2 camellia192", "-v2 camellia256", "-v2 aria128", "-v2 aria256", "-v2 des -provider legacy -provider default",
                    "-v2 aes256 -v2prf hmacWithSHA1", "-v2 aes256 -v2prf hmacWithSHA224", "-v2 aes256 -v2prf hmacWithSHA384", "-v2 aes128 -v2prf hmacWithSHA512", "-v2 aes256 -v2prf hmacWithSHA512-256",
                    "-scrypt", "-scrypt -v2 aes128", "-v1 PBE-SHA1-3DES", "-v1 PBE-SHA1-2DES", .. new[] { "PBE-MD5-DES", "PBE-SHA1-DES", "PBE-MD5-RC2-64", "PBE-SHA1-RC2-64", "PBE-SHA1-RC2-40",
                        "PBE-SHA1-RC2-128", "PBE-SHA1-RC4-40", "PBE-SHA1-RC4-128" }.Select(v => $"-v1 {v} -provider legacy -provider default")]
                : ["-v2 aes256", "-v1 PBE-SHA1-3DES"];
            foreach (var scheme in schemes) Check($"openssl pkcs8 -topk8 {scheme} -passout 'pass:se cret' -in k -outform {form}", true);
            if (traditional is not null) Check($"openssl {traditional} -in k {(traditional == "rsa" ? "-traditional" : "")} -outform {form}", false);
        }
        if (traditional is not null)
            foreach (var cipher in (string[])["aes128", "aes192", "aes256", "des3", "camellia128", "camellia256", "aria128", "aria256", "des -provider legacy -provider default", "idea -provider legacy -provider default"])
                Check($"openssl {traditional} -in k {(traditional == "rsa" ? "-traditional" : "")} -{cipher} -passout 'pass:se cret'", true);
        Assert.True(written.Count >= (traditional is null ? 6 : 12), string.Join('\n', written));
    }

    [ProgramTheory("pki")]
    [InlineData("rsa", 2048)]
    [InlineData("ecdsa", 256)]
    [InlineData("ecdsa", 384)]
    [InlineData("ecdsa", 521)]
    [InlineData("ed25519", 256)]
    [InlineData("ed448", 456)]
    public void What_the_references_pki_generates(string type, int bits)
    {
        using var at = new KeyPrograms();
        foreach (var form in (string[])["pem", "der"])
        {
            Assert.True(at.Run($"pki --gen --type {type} --size {bits} --outform {form} >k && pki --pub --type priv --in k >pub"));
            Assert.Equal(at["pub"], KeyId(at["k"], []));
        }
    }

    [ProgramTheory("openssl")]
    [InlineData("", true)]
    [InlineData("-keypbe AES-128-CBC -certpbe AES-256-CBC -macalg sha512", true)]
    [InlineData("-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1", true)]
    [InlineData("-keypbe NONE -certpbe NONE", true)]
    [InlineData("-nomac", true)]
    [InlineData("-nomac -keypbe NONE -certpbe NONE", false)]
    [InlineData("-legacy", true)]
    [InlineData("-legacy -keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-RC2-128", true)]
    [InlineData("-iter 1", true)]
    public void Containers(string options, bool isGuarded)
    {
        using var at = new KeyPrograms();
        at["k"] = Encoding.ASCII.GetBytes(Fixtures.EdLeafKey);
        at["c"] = Encoding.ASCII.GetBytes(Fixtures.EdLeaf);
        at["ca"] = Encoding.ASCII.GetBytes(Fixtures.EdIntermediate + "\n" + Fixtures.EdRootCa);
        if (!at.Run($"openssl pkcs12 -export {options} -inkey k -in c -certfile ca -name x -passout 'pass:pä ss' -out f")) return;
        var expected = new[] { Fixtures.EdLeaf, Fixtures.EdIntermediate, Fixtures.EdRootCa }.Select(p => CertificateTests.Parse(p).Raw).ToList();
        var content = Pkcs12File.Read(at["f"], ["wrong"u8.ToArray(), "pä ss"u8.ToArray()], out var reason);
        Assert.Equal("", reason);
        Assert.Equal(expected, content!.Certificates);
        Assert.Equal(CertificateTests.Parse(Fixtures.EdLeaf).PublicKey.KeyId, SoftwareKey.FromPkcs8(Assert.Single(content.Keys)).Public.KeyId);
        Assert.Equal(isGuarded, Pkcs12File.WantsPassphrase(at["f"]));
        if (isGuarded) Assert.Null(Pkcs12File.Read(at["f"], ["wrong"u8.ToArray()], out reason));
    }

    [ProgramTheory("openssl")]
    [InlineData("-passout pass:")]
    [InlineData("-legacy -passout pass:")]
    [InlineData("-twopass -passout pass:content")]
    public void Containers_under_odd_passphrases(string options)
    {
        using var at = new KeyPrograms();
        at["k"] = Encoding.ASCII.GetBytes(Fixtures.EcdsaKey);
        at["c"] = Encoding.ASCII.GetBytes(Fixtures.Ecdsa);
        // With -twopass the passphrase of the MAC is asked for; one program answers on its terminal only, so the second passphrase is tried on a genuine pair below.
        if (options.StartsWith("-twopass", StringComparison.Ordinal))
        {
            Assert.True(at.Run("openssl pkcs12 -export -inkey k -in c -nomac -passout pass:content -out f"));
            Assert.NotNull(Pkcs12File.Read(at["f"], ["mac"u8.ToArray(), "content"u8.ToArray()], out _));
            Assert.Null(Pkcs12File.Read(at["f"], ["mac"u8.ToArray()], out var why));
            Assert.Equal("the passphrase does not open all parts of the PKCS#12 container", why);
            return;
        }
        if (!at.Run($"openssl pkcs12 -export -inkey k -in c {options} -out f")) return;
        var content = Pkcs12File.Read(at["f"], [], out var reason);
        Assert.Equal("", reason);
        Assert.Single(content!.Keys);
    }
}
