// --digest and keys for PSS alone: the reference's bytes for every digest, and what each side reads of the other's.
namespace Cygnet.PkiTool.Tests;

public sealed class DigestTests
{
    const string Dates = Desk.Dates;

    [ReferenceTheory]
    [InlineData("md5")]
    [InlineData("sha1")]
    [InlineData("sha224")]
    [InlineData("sha256")]
    [InlineData("sha384")]
    [InlineData("sha512")]
    [InlineData("sha3_224")]
    [InlineData("sha3_256")]
    [InlineData("sha3_384")]
    public void EveryDigest(string digest)
    {
        using var desk = ReferenceDesk.Filled();
        Comparison.SameSigned(desk, $"--self --in @rsa --dn CN=x --serial 01 {Dates} --digest {digest}", isDeterministic: true);
        Comparison.SameSigned(desk, $"--issue --type pub --in @pub --dn CN=x --serial 02 --cacert @ca --cakey @rsa {Dates} --digest {digest}", isDeterministic: true);
        Comparison.SameSigned(desk, $"--signcrl --cacert @ca --cakey @rsa --date 1 --serial 03 {Desk.Updates} --digest {digest}", isDeterministic: true);
        Comparison.SameSigned(desk, $"--acert --in @leaf --group a --issuercert @ca --issuerkey @rsa --serial 04 {Dates} --digest {digest}", isDeterministic: true);
        Comparison.SameSigned(desk, $"--req --in @rsa --dn CN=x --digest {digest}", isDeterministic: true);
        if (digest is "md5") return;
        // Each side reads and believes the other's; of PSS the salt is random.
        if (digest is not "sha1") Comparison.SameSigned(desk, $"--self --in @rsa --dn CN=x --serial 01 {Dates} --digest {digest} --rsa-padding pss", isDeterministic: false);
        foreach (var padding in digest is "sha1" ? (string[])["pkcs1"] : ["pkcs1", "pss"])
        {
            desk.Make("ours", $"--self --in @rsa --dn CN=x {Dates} --digest {digest} --rsa-padding {padding} --outform pem");
            desk.MakeByReference("theirs", $"--self --in @rsa --dn CN=x {Dates} --digest {digest} --rsa-padding {padding} --outform pem");
            foreach (var name in (string[])["ours", "theirs"])
            {
                Comparison.Same(desk, $"--print --in @{name}");
                Comparison.Same(desk, $"--verify --in @{name} --cacert @{name}");
                Assert.Contains(": OK", desk.OpenSsl($"verify -CAfile {desk[name]} {desk[name]}"));
            }
        }
    }

    [ReferenceFact]
    public void WhatNeitherSignsWith()
    {
        using var desk = ReferenceDesk.Filled();
        foreach (var (key, digest) in ((string, string)[])[("ecdsa", "md5"), ("ecdsa", "sha224"), ("ecdsa", "sha3_256"), ("ed25519", "sha512"), ("ed448", "sha3_512")])
        {
            var arguments = $"--self --in @{key} --dn CN=x --digest {digest}";
            Assert.Equal((1, 1), (desk.Pki(arguments).Exit, desk.Reference(arguments).Exit));
            Assert.StartsWith("--digest: ", desk.Pki(arguments).Error);
        }
        // Made for who needs it, and not read again.
        desk.Make("old", $"--self --in @rsa --dn CN=x --digest md5");
        Assert.Contains("it is signed with MD5 or MD2, which are broken; ", desk.Pki("--print --in @old").Error);
        // The reference says SHA3-384, and signs with that.
        desk.Make("new.pem", "--self --in @rsa --dn CN=x --digest sha3_512 --outform pem");
        Assert.Contains("Signature Algorithm: RSA-SHA3-512", desk.OpenSsl($"x509 -in {desk["new.pem"]} -noout -text"));
        Assert.Contains(": OK", desk.OpenSsl($"verify -CAfile {desk["new.pem"]} {desk["new.pem"]}"));
    }

    // A key of id-RSASSA-PSS, RFC 4055: the reference takes it for a plain one, which whoever holds it to its word refuses.
    [Theory]
    [InlineData("", "sha256", "")]
    [InlineData("", "sha512", "--digest sha512")]
    [InlineData("", "sha3-384", "--digest sha3_384")]
    [InlineData("-pkeyopt rsa_pss_keygen_md:sha384 -pkeyopt rsa_pss_keygen_mgf1_md:sha384 -pkeyopt rsa_pss_keygen_saltlen:48", "sha384", "")]
    public void KeysForPssAlone(string parameters, string hash, string options)
    {
        using var desk = new Desk();
        desk.OpenSsl($"genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 {parameters} -out {desk["key"]}");
        desk.Make("ca.pem", $"--self --ca --in @key --type rsa --dn CN=pss --outform pem {options}");
        var text = desk.OpenSsl($"x509 -in {desk["ca.pem"]} -noout -text");
        Assert.Contains("Public Key Algorithm: rsassaPss", text);
        Assert.Matches($"Signature Algorithm: rsassaPss\\s+Hash Algorithm: {hash}\\s+Mask Algorithm: mgf1 with {hash}", text);
        Assert.Contains(": OK", desk.OpenSsl($"verify -CAfile {desk["ca.pem"]} {desk["ca.pem"]}"));
        Assert.Equal("certificate trusted, lifetimes valid\n", desk.Pki("--verify --in @ca.pem").Text);
        Assert.Equal(desk.OpenSsl($"pkey -in {desk["key"]} -pubout"), desk.Pki("--pub --in @key --outform pem").Text);
        if (parameters.Length == 0) return;
        Assert.Equal("--digest: the key is for RsaPssSha384 alone\n", desk.Pki("--self --in @key --dn CN=pss --digest sha256").Error);
    }
}
