// --keyid, --cakeyid, --issuerkeyid: a key on a token does what the same key in a file does, byte for byte where the signature is fixed.
using Cygnet.Linux.Tests;

namespace Cygnet.PkiTool.Tests;

public sealed class TokenTests(SoftHsmToken token) : IClassFixture<SoftHsmToken>
{
    const string Dates = Desk.Dates, Dn = "--dn 'C=CH, CN=card'";

    readonly List<string> _asked = [];

    Desk Filled(string section = "pki")
    {
        var desk = new Desk
        {
            AskSecret = text =>
            {
                _asked.Add(text);
                return SoftHsmToken.Pin;
            },
        };
        File.WriteAllText(desk["strongswan.conf"], SoftHsmToken.Conf(section));
        foreach (var (of, file) in ((string, string)[])[($"{SoftHsmToken.RsaId}.pem", "rsa.pem"), ($"{SoftHsmToken.EcdsaId}.pem", "ecdsa.pem"), ($"{SoftHsmToken.RsaId}.der", "rsa.der")])
            File.Copy(token.PathOf(of), desk[file]);
        desk.Make("ca", $"--self --in @rsa.pem {Dn} --ca --serial 01 {Dates}");
        desk.Make("leaf", "--self --in @ecdsa.pem --dn CN=leaf --serial 05 " + Dates);
        desk.Make("key", "--gen --type ed25519");
        return desk;
    }

    [SoftHsmTheory]
    [InlineData("--self --in @rsa.pem", "--self --keyid 50", $"{Dn} --serial 07 {Dates}")]
    [InlineData("--self --in @rsa.pem", "--self --keyid 50 --type rsa", $"{Dn} --serial 07 --digest sha512 {Dates}")]
    [InlineData("--issue --cakey @rsa.pem", "--issue --cakeyid 50", $"--cacert @ca --type priv --in @key --dn CN=x --serial 08 {Dates}")]
    [InlineData("--signcrl --cakey @rsa.pem", "--signcrl --cakeyid 50", $"--cacert @ca --date 1 --serial 09 {Desk.Updates}")]
    [InlineData("--acert --issuerkey @rsa.pem", "--acert --issuerkeyid 50", $"--issuercert @ca --in @leaf --group a --serial 0a {Dates}")]
    [InlineData("--req --in @rsa.pem", "--req --keyid 50", "--dn CN=x --san y.z")]
    [InlineData("--pub --in @rsa.pem", "--pub --keyid 50", "--outform pem")]
    [InlineData("--pub --in @ecdsa.pem", "--pub --keyid 51", "--type ecdsa")]
    [InlineData("--pub --in @rsa.der", "--pub --keyid 50", "--type x509")]
    [InlineData("--keyid --in @ecdsa.pem", "--keyid --keyid 51", "")]
    [InlineData("--keyid --in @rsa.pem", "--keyid --keyid 50", "--type rsa")]
    [InlineData("--print --in @rsa.pem", "--print --keyid 50", "--type priv")]
    [InlineData("--print --in @rsa.der", "--print --keyid 50", "")]
    public void AKeyOnATokenIsAsGoodAsAFile(string withFile, string withToken, string more)
    {
        using var desk = Filled();
        var (file, card) = (desk.Pki($"{withFile} {more}"), desk.Pki($"{withToken} {more}"));
        Assert.True((file.Exit, card.Exit) == (0, 0), file.Error + card.Error);
        Assert.Equal(Convert.ToHexString(file.Output), Convert.ToHexString(card.Output));
        // A certificate is open to all; for a key the PIN is asked once.
        Assert.Equal(more.Contains("x509") || withFile == "--print --in @rsa.der" ? [] : ["Smartcard PIN: "], _asked);
        Assert.Matches($@"loaded PKCS#11 v2\.\d+ library 'soft' \({SoftHsmToken.Library}\)\n", card.Error);
        Assert.Empty(desk.Pki($"{withToken} {more} --debug 0").Error);
    }

    [SoftHsmTheory]
    [InlineData("pki")]
    [InlineData("libstrongswan")]
    [InlineData("charon")]
    public void ModulesAreThoseOfStrongswanConf(string section)
    {
        using var desk = Filled(section);
        var made = desk.Pki($"--self --keyid {SoftHsmToken.EcdsaId} {Dn} --digest sha384 --outform pem");
        Assert.True(made.Exit == 0, made.Error);
        File.WriteAllBytes(desk["made.pem"], made.Output);
        Assert.Contains(": OK", desk.OpenSsl($"verify -CAfile {desk["made.pem"]} {desk["made.pem"]}"));
    }

    [SoftHsmFact]
    public void WhatCannotBeHadIsRefusedWithTheReason()
    {
        using var desk = Filled();
        Assert.Contains("loading private key failed: --keyid '77': no token has a private key '77'\n", desk.Pki($"--self --keyid 77 {Dn}").Error);
        Assert.Contains("loading private key failed: --keyid '51' holds a key of type ecdsa, not rsa; --type priv takes any\n", desk.Pki($"--self --keyid 51 --type rsa {Dn}").Error);
        Assert.Contains("CA private key does not match CA certificate: --cakeyid '51' is not the key of --cacert '", desk.Pki("--signcrl --cakeyid 51 --cacert @ca").Error);
        Assert.Contains("parsing input failed: --keyid '51': no token has a certificate '51'\n", desk.Pki("--print --keyid 51").Error);
        using var mistaken = new Desk { AskSecret = _ => "9876" };
        using var silent = new Desk();
        foreach (var other in (Desk[])[mistaken, silent]) File.WriteAllText(other["strongswan.conf"], SoftHsmToken.Conf("pki"));
        Assert.Matches("loading private key failed: --keyid '50': login to 'soft':[0-9]+ failed: PIN_INCORRECT\n", mistaken.Pki($"--self --keyid 50 {Dn}").Error);
        Assert.Matches("loading private key failed: --keyid '50': no PIN for the token in 'soft':[0-9]+\n", silent.Pki($"--self --keyid 50 {Dn}").Error);
        File.WriteAllText(silent["strongswan.conf"], "pki {");
        var broken = silent.Pki($"--self --keyid 50 {Dn}");
        Assert.Equal(1, broken.Exit);
        Assert.Contains(silent["strongswan.conf"], broken.Error);
    }
}
