// A CA's certificate and private key, checked to belong together.
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.PkiTool;

static class Authority
{
    public static (Certificate, PrivateKey) Load(Surroundings world, string certificateFile, KeySource keySource, bool mayIssue)
    {
        var ca = Files.Certificate(world, "cacert", certificateFile, "parsing CA certificate failed");
        if (mayIssue && !ca.IsCa) throw new Refusal($"CA certificate misses CA basicConstraint: --cacert '{certificateFile}' is \"{ca.Subject}\"; make it with --ca");
        if (!mayIssue && !ca.IsCa && !(ca.KeyUsage?.HasFlag(KeyUsages.CrlSign) ?? false))
            throw new Refusal($"CA certificate misses CA basicConstraint / CRLSign keyUsage: --cacert '{certificateFile}' is \"{ca.Subject}\"; make it with --ca or --flag crlSign");
        var key = keySource.Load(world, null, "loading CA private key failed");
        if (!key.Public.Equals(ca.PublicKey)) throw new Refusal($"CA private key does not match CA certificate: {keySource.Named} is not the key of --cacert '{certificateFile}'");
        return (ca, key);
    }
}
