// The command line: help texts, how options are read, and that wrong input is refused with the option, the file and what to do.
namespace Cygnet.PkiTool.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void HelpOfEveryCommand()
    {
        using var desk = new Desk();
        var all = desk.Pki("--help").Text + string.Concat(PkiTool.Pki.All.Select(c => desk.Pki($"--{c.Name} --help").Text));
        Assert.Equal(File.ReadAllText(Golden("pki-help.txt")), all);
    }

    [ReferenceFact]
    public void EveryLineOfHelpIsTheReferences()
    {
        using var desk = new Desk();
        foreach (var command in PkiTool.Pki.All)
        {
            var theirs = desk.Reference($"--{command.Name} --help").Text.Split('\n').Where(l => l.StartsWith("        --", StringComparison.Ordinal)).ToList();
            var ours = desk.Pki($"--{command.Name} --help").Text.Split('\n').Where(l => l.StartsWith("        --", StringComparison.Ordinal));
            // All of them, but for a type of key that we do not make, and shares that the reference takes and does not make.
            Assert.Equal(theirs.Where(t => !t.Contains("--shares ") && !t.Contains("--threshold ")).Select(t => t.Replace(", bliss 1", "")), ours);
            // Read by its letter and its name even where it is then refused.
            Assert.All(theirs, line => Assert.Contains(command.Options, o => line.Contains($"--{o.Name} ") && line.Contains($"(-{o.Letter})")));
        }
    }

    [Theory]
    [InlineData("--gen --type ed25519 --outform pem")]
    [InlineData("--gen --type=ed25519 --outform=pem")]
    [InlineData("-g -t ed25519 -f pem")]
    [InlineData("--gen -ted25519 -fpem")]
    [InlineData("--gen --ty ed25519 --outf pem")]
    [InlineData("--gen --options @options")]
    public void FormsOfOptions(string arguments)
    {
        using var desk = new Desk();
        File.WriteAllText(desk["options"], "# a key\n--type \"ed25519\"\n  --outform pem\n");
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----\n", desk.Pki(arguments).Text);
    }

    [Theory]
    [InlineData("--nonsense", "pki: unrecognized option '--nonsense'\nError: invalid operation\nCygnet ")]
    [InlineData("--gen --bogus", "Error: invalid --gen option: unrecognized option '--bogus'\nCygnet ")]
    [InlineData("--gen --outform", "Error: invalid --gen option: option '--outform' requires an argument\n")]
    [InlineData("--self --policy 1", "Error: invalid --self option: option '--policy' is ambiguous; possibilities: '--policy-mapping' '--policy-explicit'")]
    [InlineData("--self --ca=1", "Error: invalid --self option: option '--ca' doesn't allow an argument\n")]
    [InlineData("--gen stray", "Error: invalid --gen option: 'stray' is no option; ")]
    [InlineData("--gen -q", "Error: invalid --gen option: invalid option -- 'q'\n")]
    [InlineData("--gen --options /nonexistent", "Error: invalid --gen option: --options '/nonexistent': No such file or directory\n")]
    [InlineData("--gen --options @loop", "Error: invalid --gen option: more than 10000 arguments; ")]
    [InlineData("--gen --type foo", "Error: invalid key type 'foo': --type takes ")]
    [InlineData("--gen --type bliss", "--type bliss is not built: ")]
    [InlineData("--gen --shares 3", "--shares is not built: strongSwan writes the whole key ")]
    [InlineData("--gen --safe-primes --threshold 3", "--threshold is not built: ")]
    [InlineData("--gen --safe-primes --type ed25519", "Error: --safe-primes goes with --type rsa: ")]
    [InlineData("--gen --type ecdsa --size 5", "private key generation failed: --size 5 is not supported; ecdsa takes 256, 384 and 521\n")]
    [InlineData("--gen --size 1", "private key generation failed: --size 1 is not supported; rsa takes ")]
    [InlineData("--self --in @key", "Error: --dn is required\n")]
    [InlineData("--self --in @key --dn foo", "supplied --dn is not a distinguished name: 'foo'; ")]
    [InlineData("--self --in /nonexistent --dn CN=x", "loading private key failed: --in '/nonexistent': No such file or directory\n")]
    [InlineData("--self --in / --dn CN=x", "loading private key failed: --in '/': Permission denied, or a directory\n")]
    [InlineData("--self --dn CN=x", "loading private key failed: standard input: malformed private key")]
    [InlineData("--self --in @junk --dn CN=x", "loading private key failed: --in '")]
    [InlineData("--self --in @key --dn CN=x --type rsa", "loading private key failed: --in '")]
    [InlineData("--self --in @key --dn CN=x --lifetime abc", "Error: invalid --lifetime value 'abc': ")]
    [InlineData("--self --in @key --dn CN=x --not-before foo", "Error: invalid --not-before datetime 'foo': it does not fit the --dateform '%d.%m.%y %T'\n")]
    [InlineData("--self --in @key --dn CN=x --not-after '01.01.20 00:00:00' --not-before '01.01.21 00:00:00'", "Error: invalid --not-before/--not-after: ")]
    [InlineData("--self --in @key --dn CN=x --serial zz", "Error: invalid --serial 'zz': ")]
    [InlineData("--self --in @key --dn CN=x --flag bad", "Error: invalid --flag 'bad': it takes ")]
    [InlineData("--self --in @key --dn CN=x --digest bad", "Error: invalid --digest type 'bad'\n")]
    [InlineData("--self --in @key --dn CN=x --digest sha256", "--digest: a key of this kind hashes by itself; ")]
    [InlineData("--self --in @key --dn CN=x --rsa-padding foo", "Error: invalid RSA padding 'foo': ")]
    [InlineData("--self --in @key --dn CN=x --outform foo", "Error: invalid output format 'foo': ")]
    [InlineData("--self --in @key --dn CN=x --cps-uri foo", "Error: --cps-uri must follow a --cert-policy\n")]
    [InlineData("--self --in @key --dn CN=x --cert-policy 3.4", "Error: --cert-policy '3.4' invalid, ")]
    [InlineData("--self --in @key --dn CN=x --policy-map 1.2", "Error: --policy-mapping '1.2' invalid: ")]
    [InlineData("--self --in @key --dn CN=x --addrblock foo", "Error: --addrblock 'foo' invalid: ")]
    [InlineData("--self --in @key --dn CN=x --san 10.0.0.0/8", "Error: --san '10.0.0.0/8' cannot stand in a certificate: ")]
    [InlineData("--self --in @key --dn CN=x --pathlen 1", "Error: --pathlen limits the CAs below this one: it wants --ca\n")]
    [InlineData("--self --keyid 01 --dn CN=x", "loading private key failed: --keyid '01': no PKCS#11 module is loaded; ")]
    [InlineData("--self --keyid zz --dn CN=x", "Error: invalid --keyid 'zz': ")]
    [InlineData("--self --keyid 01 --in @key --dn CN=x", "Error: --in and --keyid exclude each other\n")]
    [InlineData("--issue --cacert @ca --cakeyid 01 --type priv --in @key --dn CN=x", "loading CA private key failed: --cakeyid '01': no PKCS#11 module is loaded; ")]
    [InlineData("--issue --cacert @ca --cakeyid 01 --cakey @key --type priv --in @key --dn CN=x", "Error: --cakey and --cakeyid exclude each other\n")]
    [InlineData("--signcrl --cacert @ca --cakeyid 01", "loading CA private key failed: --cakeyid '01': no PKCS#11 module is loaded; ")]
    [InlineData("--acert --in @leaf --issuercert @ca --issuerkeyid 01", "loading issuer private key failed: --issuerkeyid '01': no PKCS#11 module is loaded; ")]
    [InlineData("--req --keyid 01 --dn CN=x", "parsing private key failed: --keyid '01': no PKCS#11 module is loaded; ")]
    [InlineData("--print --keyid 01 --type crl", "Error: --keyid names a private key or a certificate of a token: it does not go with --type crl\n")]
    [InlineData("--print --keyid 01", "parsing input failed: --keyid '01': no PKCS#11 module is loaded; ")]
    [InlineData("--pub --keyid 01 --type pub", "Error: --keyid names a private key or a certificate of a token: it does not go with --type pub\n")]
    [InlineData("--issue", "Error: --cacert is required\n")]
    [InlineData("--issue --cacert @ca", "Error: --cakey or --keyid is required\n")]
    [InlineData("--issue --cacert @leaf --cakey @key --type priv --in @key --dn CN=x", "CA certificate misses CA basicConstraint: --cacert '")]
    [InlineData("--issue --cacert @ca --cakey @other --type priv --in @key --dn CN=x", "CA private key does not match CA certificate: --cakey '")]
    [InlineData("--issue --cacert @ca --cakey @key --type priv --in @key", "Error: --dn is required: ")]
    [InlineData("--issue --cacert @ca --cakey @key --type pkcs10 --in @forged", "parsing certificate request failed: --in '")]
    [InlineData("--issue --cacert @ca --cakey @key --in @junk --dn CN=x", "parsing public key failed: --in '")]
    [InlineData("--req --in @key", "Error: --dn or --oldreq is required\n")]
    [InlineData("--signcrl --cacert @leaf --cakey @key", "CA certificate misses CA basicConstraint / CRLSign keyUsage: ")]
    [InlineData("--signcrl --cacert @ca --cakey @key --reason foo", "Error: invalid revocation reason 'foo'\n")]
    [InlineData("--signcrl --cacert @ca --cakey @key --date foo", "Error: invalid date 'foo': ")]
    [InlineData("--signcrl --cacert @ca --cakey @key --lastcrl @ca", "loading lastUpdate CRL failed: --lastcrl '")]
    [InlineData("--print --type bad", "Error: invalid input type 'bad': ")]
    [InlineData("--print --in @junk", "parsing input failed: --in '")]
    [InlineData("--print --type crl --in @ca", "parsing input failed: --in '")]
    [InlineData("--verify --in @leaf --cacert /nonexistent", "parsing CA certificate failed: --cacert '/nonexistent': No such file or directory\n")]
    [InlineData("--verify --in @leaf --cacert @empty", "parsing CA certificate failed: --cacert '")]
    [InlineData("--dn --in @ca --format foo", "Error: invalid output format 'foo': ")]
    [InlineData("--keyid --in @key --id foo", "Error: invalid id type 'foo': ")]
    [InlineData("--keyid --in @key --keyid 5", "Error: --in and --keyid exclude each other\n")]
    [InlineData("--pub --in @key --outform dnskey", "public key encoding failed: --outform dnskey is for RSA keys only; ")]
    public void Refusals(string arguments, string start)
    {
        using var desk = new Desk();
        desk.Make("key", "--gen --type ed25519");
        desk.Make("other", "--gen --type ed25519");
        desk.Make("ca", "--self --in @key --dn CN=ca --ca");
        desk.Make("leaf", "--self --in @key --dn CN=leaf");
        var request = desk.Make("forged", "--req --in @key --dn CN=x");
        request[^1] ^= 1;
        File.WriteAllBytes(desk["forged"], request);
        File.WriteAllText(desk["junk"], "0junk");
        Directory.CreateDirectory(desk["empty"]);
        File.WriteAllText(desk["loop"], $"--options {desk["loop"]}");
        var outcome = desk.Pki(arguments);
        Assert.Equal(1, outcome.Exit);
        Assert.StartsWith(start, outcome.Error);
        Assert.DoesNotContain("   at ", outcome.Error);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public void AsksForAPassphraseThreeTimes()
    {
        var asked = 0;
        using var desk = new Desk { AskSecret = _ => ++asked < 3 ? "wrong" : "secret" };
        desk.Make("plain", "--gen --type ecdsa");
        desk.OpenSsl($"pkcs8 -topk8 -inform DER -in {desk["plain"]} -out {desk["key"]} -passout pass:secret");
        Assert.Equal(desk.Pki("--pub --in @plain").Output, desk.Pki("--pub --in @key").Output);
        Assert.Equal(3, asked);
    }

    [Theory]
    [InlineData("01.02.26 03:04:05", DateForm.Default, "2026-02-01 03:04:05")]
    [InlineData("01.02.69 00:00:00", DateForm.Default, "1969-02-01 00:00:00")]
    [InlineData("20260228235959", "%Y%m%d%H%M%S", "2026-02-28 23:59:59")]
    [InlineData("5 Mar 2026", "%d %b %Y", "2026-03-05 00:00:00")]
    [InlineData("30.02.26 00:00:00", DateForm.Default, null)]
    [InlineData("01.02.26", DateForm.Default, null)]
    [InlineData("01.02.26 03:04:05x", DateForm.Default, null)]
    [InlineData("x", "%Q", null)]
    public void Dates(string text, string form, string? expected) => Assert.Equal(expected, DateForm.Parse(text, form)?.ToString("yyyy-MM-dd HH:mm:ss"));

    static string Golden(string name, [System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Golden", name);
}
