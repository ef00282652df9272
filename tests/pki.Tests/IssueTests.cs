// pki --issue, --self, --req, --signcrl and --acert with each option: the reference's bytes.
namespace Cygnet.PkiTool.Tests;

public sealed class IssueTests
{
    [ReferenceTheory]
    [InlineData("--flag serverAuth")]
    [InlineData("--flag clientAuth --flag ikeIntermediate")]
    [InlineData("--flag crlSign")]
    [InlineData("--flag ocspSigning --flag msSmartcardLogon --flag crlSign")]
    [InlineData("--ca")]
    [InlineData("--ca --pathlen 3 --flag serverAuth")]
    [InlineData("--ca --nc-permitted a.example --nc-permitted mail@a.example --nc-permitted 'C=CH, O=Lab'")]
    [InlineData("--ca --nc-excluded b.example --nc-excluded mail@b.example --nc-excluded 'C=CH, CN=no'")]
    [InlineData("--cert-policy 1.3.6.1.4.1.5 --cert-policy 2.5.29.32.0")]
    [InlineData("--cert-policy 1.3.6.1.4.1.5 --cps-uri http://cps.example/ --user-notice 'read it' --cert-policy 1.2.3 --user-notice alone")]
    [InlineData("--ca --policy-mapping 1.2.3:1.2.4 --policy-mapping 1.2.5:1.2.6 --policy-any 0")]
    [InlineData("--addrblock 10.0.0.0/8 --addrblock 192.0.2.1 --addrblock 198.51.100.0-198.51.100.6")]
    [InlineData("--addrblock 2001:db8::1 --addrblock 10.1.0.0/17 --addrblock fe80::/10")]
    [InlineData("--crl http://a.example/a.crl")]
    [InlineData("--crl ldap://a.example/CN=ca?certificateRevocationList --crl http://b.example --crlissuer 'C=CH, CN=lists'")]
    [InlineData("--ocsp http://a.example:8080 --ocsp https://b.example")]
    [InlineData("--crl http://a --ocsp http://b --flag ocspSigning --ca --pathlen 0 --cert-policy 1.2.3")]
    [InlineData("--san a.example --san b@c.example --san 192.0.2.1 --san 2001:db8::1 --san 'C=CH, CN=also'")]
    [InlineData("--critical 1.2.3.4.5 --san a.example")]
    [InlineData("--serial 00")]
    [InlineData("--serial 7fffffffffffffffffffffffffffffffffffffff")]
    [InlineData("--serial ff:00:01")]
    [InlineData("--outform pem --san a.example")]
    public void EveryOption(string options)
    {
        using var desk = ReferenceDesk.Filled();
        Comparison.SameSigned(desk, $"--issue --type pub --in @pub --dn 'C=CH, CN=x' --cacert @ca --cakey @rsa --serial 02 {Desk.Dates} {options}", isDeterministic: true);
    }

    [ReferenceFact]
    public void EveryTypeOfKeyByEveryTypeOfAuthority()
    {
        using var desk = ReferenceDesk.Filled();
        foreach (var authority in ReferenceDesk.Keys)
        {
            desk.MakeByReference("root", $"--self --in @{authority} --dn 'C=CH, CN={authority}' --ca --serial 01 {Desk.Dates}");
            foreach (var key in ReferenceDesk.Keys)
                Comparison.SameSigned(desk, $"--issue --type {key} --in @{key} --dn CN={key} --cacert @root --cakey @{authority} --serial 03 {Desk.Dates}", authority != "ecdsa");
            Comparison.SameSigned(desk, $"--signcrl --cacert @root --cakey @{authority} --reason superseded --date 1700000000 --cert @leaf {Desk.Updates}", authority != "ecdsa");
            Comparison.SameSigned(desk, $"--acert --in @leaf --group sales --issuercert @root --issuerkey @{authority} --serial 04 {Desk.Dates}", authority != "ecdsa");
        }
    }

    [ReferenceTheory]
    [InlineData("'C=CH, ST=Zürich, L=Rapperswil, O=Lab, OU=a, OU=b, CN=x, E=x@y.z'")]
    [InlineData("'DC=example, DC=org, UID=joe, CN=joe'")]
    [InlineData("'C=CH, SN=Meier, GN=Anna, I=AM, T=Dr, D=text, N=name, serialNumber=1, unstructuredName=u, CN=x'")]
    [InlineData("'/C=CH/O=Lab/CN=x'")]
    [InlineData("'C=CH, O=\"with, comma\", CN=x'")]
    public void Names(string dn)
    {
        using var desk = ReferenceDesk.Filled();
        Comparison.SameSigned(desk, $"--self --in @ed25519 --dn {dn} --serial 05 {Desk.Dates}", isDeterministic: true);
        Comparison.SameSigned(desk, $"--req --in @ed25519 --dn {dn}", isDeterministic: true);
    }

    [ReferenceTheory]
    [InlineData("--not-before 20250101000000 --lifetime 100")]
    [InlineData("--not-after 20300101000000 --lifetime 1")]
    [InlineData("--not-before 19990101000000 --not-after 20551231235959")]
    [InlineData("--not-before 20510101000000 --not-after 20991231235959")]
    public void Times(string options)
    {
        using var desk = ReferenceDesk.Filled();
        Comparison.SameSigned(desk, $"--self --in @rsa --dn CN=x --serial 06 {options} --dateform %Y%m%d%H%M%S", isDeterministic: true);
        Comparison.SameSigned(desk, $"--acert --in @leaf --group a --issuercert @ca --issuerkey @rsa --serial 06 {options} --dateform %Y%m%d%H%M%S", isDeterministic: true);
        var updates = options.Replace("not-before", "this-update").Replace("not-after", "next-update");
        Comparison.SameSigned(desk, $"--signcrl --cacert @ca --cakey @rsa --date 1 --serial 06 {updates} --dateform %Y%m%d%H%M%S", isDeterministic: true);
    }
}
