// pki --verify: whether a certificate is trusted, with what is given and nothing else.
using Cygnet.Pki;

namespace Cygnet.PkiTool.Commands;

static class Verify
{
    public static readonly Command Command = new("verify", 'v', "verify a certificate using the CA certificate", "[--in file] [--cacert file]+ [--crl file]+",
        [
            new("in", 'i', true, "X.509 certificate to verify, default: stdin"), new("cacert", 'c', true, "CA certificate for trustchain verification"),
            new("crl", 'l', true, "CRL for trustchain verification"), new("online", 'o', false, ""),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        string? file = null;
        var isQuiet = false;
        List<Certificate> authorities = [];
        List<Crl> crls = [];
        foreach (var o in options)
        {
            switch (o.Name)
            {
                case "in": file = o.Value; break;
                // A CA or CRL that is not there would make the answer one to another question.
                case "cacert": authorities.Add(Files.Certificate(world, "cacert", o.Value, "parsing CA certificate failed")); break;
                case "crl": crls.Add(Files.Crl(world, "crl", o.Value, "parsing CRL failed")); break;
                case "debug": isQuiet = o.Value is "0" or "-1"; break;
                case "online": throw new Refusal("--online is not built yet: give the CRLs as files with --crl");
                default: throw Words.NotBuilt(o);
            }
        }
        var certificate = Files.Certificate(world, "in", file, "parsing certificate failed");
        var status = new CrlStatus(authorities, crls, world.Crypto);
        // Without any CA, and where it is one of them, the certificate stands for itself.
        var isPinned = authorities.Count == 0 || authorities.Contains(certificate);
        var result = new TrustChain(world.Crypto, authorities, [], world.Now, status).Validate(certificate, isPinned: isPinned);
        if (!isQuiet) foreach (var line in result.Lines) world.Error.Write($"{line}\n");
        if (isPinned && !certificate.IsValidAt(world.Now))
        {
            world.Print("certificate trusted, but no valid lifetime\n");
            return 2;
        }
        if (result.Key is null)
        {
            world.Print("certificate untrusted\n");
            return 1;
        }
        var revocation = crls.Count == 0 ? "" : status.Worst switch
        {
            CertificateStatus.Good => ", certificate not revoked",
            CertificateStatus.Skipped => ", no revocation information",
            CertificateStatus.Stale => ", revocation information stale",
            // A root that stands for itself: nobody could revoke it.
            null => "",
            _ => ", revocation checking failed",
        };
        world.Print($"certificate trusted, lifetimes valid{revocation}\n");
        return 0;
    }
}
