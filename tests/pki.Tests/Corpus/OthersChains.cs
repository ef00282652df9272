// Chains that openssl and strongSwan's pki make, judged by both sides too: what they write by default, and what they can be told to break.
using Cygnet.Pki;

namespace Cygnet.PkiTool.Tests.Corpus;

public sealed class OthersChains
{
    static List<byte[]> Pem(Desk desk, params string[] names) => [.. names.Select(n => Certificate.TryParse(File.ReadAllBytes(desk[n]), out var why)?.Raw ?? throw new InvalidOperationException($"{n}: {why}"))];

    static void Judged(Desk desk, string kind, bool isAccepted, params string[] sent)
    {
        var chain = new MadeChain(new(kind, isAccepted, (_, _) => { }), kind, Pem(desk, "leaf")[0], Pem(desk, sent), Pem(desk, "root"));
        var (our, their) = (Judges.Cygnet(chain), Judges.OpenSsl(desk, [chain])[0]);
        Assert.True(our.IsAccepted == isAccepted, $"{kind}: {our.Reason}");
        Assert.True(their.IsAccepted == isAccepted, $"{kind}: {their.Reason}");
    }

    [Theory]
    [InlineData("rsa:2048", "sha256")]
    [InlineData("rsa:3072", "sha512")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-256", "sha256")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-384", "sha384")]
    [InlineData("ed25519", "sha256")]
    public void Made_by_openssl(string key, string digest)
    {
        using var desk = new Desk();
        void Make(string name, string issuer, string extensions, int days = 3650)
        {
            desk.OpenSsl($"req -new -newkey {key} -nodes -keyout {desk[name + ".key"]} -out {desk["req"]} -subj /C=CH/O=OpenSSL/CN={name}");
            File.WriteAllText(desk["ext"], extensions);
            var by = issuer == name ? $"-signkey {desk[name + ".key"]}" : $"-CA {desk[issuer]} -CAkey {desk[issuer + ".key"]} -CAcreateserial";
            desk.OpenSsl($"x509 -req -in {desk["req"]} {by} -{digest} -days {days} -extfile {desk["ext"]} -out {desk[name]}");
        }
        const string ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
        const string end = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n";
        Make("root", "root", ca);
        Make("sub", "root", ca + "authorityKeyIdentifier=keyid,issuer\n");
        Make("leaf", "sub", end + "subjectAltName=DNS:a.example.org,IP:10.0.0.1,email:joe@example.org,URI:http://example.org/,RID:1.2.3.4,dirName:dir\n[dir]\nC=CH\nCN=a\n");
        Judged(desk, "good", true, "sub");
        Make("leaf", "sub", end, days: 1);
        Judged(desk, "expired", false, "sub");
        Make("leaf", "leaf", end);
        Judged(desk, "self-signed", false, "sub");
        Make("sub", "root", "basicConstraints=critical,CA:TRUE,pathlen:0\nnameConstraints=critical,permitted;DNS:example.org,permitted;IP:10.0.0.0/255.0.0.0,excluded;email:example.com\n"
            + "certificatePolicies=1.3.6.1.4.1.99999.1,@p\npolicyConstraints=critical,requireExplicitPolicy:0,inhibitPolicyMapping:0\ninhibitAnyPolicy=critical,0\n[p]\npolicyIdentifier=1.3.6.1.4.1.99999.2\nCPS.1=http://cps.example.org/\nuserNotice.1=@n\n[n]\nexplicitText=Ours\n");
        Make("leaf", "sub", end + "subjectAltName=DNS:a.example.org,IP:10.0.0.1\ncertificatePolicies=1.3.6.1.4.1.99999.2\n");
        Judged(desk, "constraints kept", true, "sub");
        Make("leaf", "sub", end + "subjectAltName=DNS:a.example.org,IP:11.0.0.1\ncertificatePolicies=1.3.6.1.4.1.99999.2\n");
        Judged(desk, "an address outside", false, "sub");
        Make("leaf", "sub", end + "subjectAltName=DNS:a.example.org\ncertificatePolicies=1.3.6.1.4.1.99999.3\n");
        Judged(desk, "another policy", false, "sub");
        Make("leaf", "sub", end + "subjectAltName=email:joe@example.com\ncertificatePolicies=1.3.6.1.4.1.99999.1\n");
        Judged(desk, "an excluded mail address", false, "sub");
    }

    [ReferenceTheory]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    [InlineData("ed25519")]
    public void Made_by_the_reference(string type)
    {
        using var desk = new Desk();
        foreach (var key in (string[])["root.key", "sub.key", "leaf.key"]) desk.MakeByReference(key, $"--gen --type {type}");
        void Issue(string name, string issuer, string options) => desk.MakeByReference(name, issuer == name
            ? $"--self --type priv --in @{name}.key --dn 'C=CH, O=strongSwan, CN={name}' --outform pem {Desk.Dates} {options}"
            : $"--issue --type priv --in @{name}.key --dn 'C=CH, O=strongSwan, CN={name}' --cacert @{issuer} --cakey @{issuer}.key --outform pem {Desk.Dates} {options}");
        Issue("root", "root", "--ca");
        Issue("sub", "root", "--ca --pathlen 0 --nc-permitted .example.org --cert-policy 1.3.6.1.4.1.99999.1 --policy-any 0");
        Issue("leaf", "sub", "--san a.example.org --cert-policy 1.3.6.1.4.1.99999.1 --flag serverAuth");
        Judged(desk, "good", true, "sub");
        Issue("leaf", "sub", "--san a.example.com");
        Judged(desk, "a name outside", false, "sub");
        Judged(desk, "nothing between", false);
        Issue("root", "root", "--ca --addrblock 10.0.0.0/8 --addrblock 192.168.0.0/16");
        Issue("leaf", "root", "--addrblock 10.1.0.0/16");
        Judged(desk, "addresses inside", true);
        Issue("leaf", "root", "--addrblock 11.1.0.0/16");
        Judged(desk, "addresses outside", false);
    }
}
