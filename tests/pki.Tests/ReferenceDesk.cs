// A desk with keys of every type and what they sign, made by the reference, so that ours reads all of it.
namespace Cygnet.PkiTool.Tests;

static class ReferenceDesk
{
    public static readonly string[] Keys = ["rsa", "ecdsa", "ed25519", "ed448"];

    /// <summary>A key by the name of each type; pub, a CA of the RSA key, leaf, two requests and a CRL.</summary>
    public static Desk Filled()
    {
        const string dates = Desk.Dates;
        var desk = new Desk();
        foreach (var key in Keys) desk.MakeByReference(key, $"--gen --type {key}{(key == "ecdsa" ? " --size 256" : "")}");
        desk.MakeByReference("pub", "--pub --in @ecdsa --outform pem");
        desk.MakeByReference("ca", $"--self --in @rsa --dn 'C=CH, O=Lab, CN=Root' --ca --serial 01 {dates}");
        desk.MakeByReference("leaf", $"--issue --type priv --in @ed25519 --dn 'C=CH, CN=leaf' --san leaf.example --cacert @ca --cakey @rsa --serial 7f --outform pem {dates}");
        desk.MakeByReference("req", "--req --in @ecdsa --dn 'C=CH, CN=req' --san req.example --san a@req.example");
        desk.MakeByReference("dual", "--req --in @ed448 --dn 'C=CH, CN=req' --profile dual --outform pem");
        desk.MakeByReference("crl", $"--signcrl --cacert @ca --cakey @rsa --reason superseded --date 1700000000 --serial 0abd {Desk.Updates}");
        return desk;
    }
}
