// Raw public keys in the forms of leftsigkey, as our pki and the reference's write them. RFC 3110, RFC 4253 6.6, RFC 5656, RFC 8709.
using Cygnet.Pki;

namespace Cygnet.PkiTool.Tests;

public sealed class RawKeyTests
{
    [ReferenceTheory]
    [InlineData("rsa --size 2048", true)]
    [InlineData("ecdsa --size 256", false)]
    [InlineData("ecdsa --size 384", false)]
    [InlineData("ecdsa --size 521", false)]
    [InlineData("ed25519", false)]
    [InlineData("ed448", false)]
    public void Are_read_in_every_form(string type, bool isRsa)
    {
        using var desk = new Desk();
        desk.Make("key", $"--gen --type {type}");
        var der = desk.Make("der", "--pub --in @key");
        desk.Make("pem", "--pub --in @key --outform pem");
        void Same(Crypto.PublicKey? key, string reason)
        {
            Assert.Equal("", reason);
            Assert.Equal(der, key!.SubjectPublicKeyInfo);
        }
        foreach (var name in (string[])["der", "pem"]) Same(PublicKeyFile.Read(File.ReadAllBytes(desk[name]), out var why), why);
        Same(PublicKeyFile.Parse("0x" + Convert.ToHexString(der), out var reason), reason);
        foreach (var form in isRsa ? (string[])["ssh", "dns"] : ["ssh"])
        {
            var command = $"--pub --in @key --outform {(form == "dns" ? "dnskey" : "sshkey")}";
            foreach (var made in form == "ssh" && type == "ed448" ? (Outcome[])[desk.Pki(command)] : [desk.Pki(command), desk.Reference(command)])
            {
                var text = made.Text.Trim();
                Same(PublicKeyFile.Parse($"{form}:0s{text}", out reason), reason);
                if (form == "ssh") Same(PublicKeyFile.Read(System.Text.Encoding.ASCII.GetBytes($"ssh-x {text} me@here"), out reason), reason);
            }
        }
        if (isRsa) Same(PublicKeyFile.Parse("0s" + Convert.ToBase64String(Crypto.PublicKey.FromSubjectPublicKeyInfo(der, out _)!.KeyBits), out reason), reason);
    }

    [Theory]
    [InlineData("0x", "not hexadecimal")]
    [InlineData("0s=", "not base64")]
    [InlineData("0xzz", "not hexadecimal")]
    [InlineData("key", "neither 0x… nor 0s…")]
    [InlineData("dns:0x03010001", "the RFC 3110 key is cut short")]
    [InlineData("dns:0x00", "the RFC 3110 key is cut short")]
    [InlineData("dns:0x0300000001", "the RSA key has an empty number")]
    [InlineData("ssh:0x00000007", "the SSH key is cut short")]
    [InlineData("ssh:0x0000000161", "the SSH key is malformed")]
    [InlineData("ssh:0x00000001610000000162", "SSH keys of this type are not supported; rsa, ecdsa, ed25519 and ed448 are")]
    [InlineData("0x3000", "the public key is malformed")]
    [InlineData("0x05", "the public key is malformed")]
    public void Say_what_is_wrong_with_them(string text, string why)
    {
        Assert.Null(PublicKeyFile.Parse(text, out var reason));
        Assert.Equal(why, reason);
    }
}
