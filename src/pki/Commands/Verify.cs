// pki --verify: whether a certificate is trusted, with what is given; --online also asks CRLs and OCSP responders that the certificates name.
using Cygnet.Pki;

namespace Cygnet.PkiTool.Commands;

static class Verify
{
    public static readonly Command Command = new("verify", 'v', "verify a certificate using the CA certificate", "[--in file] [--cacert file]+ [--crl file]+",
        [
            new("in", 'i', true, "X.509 certificate to verify, default: stdin"), new("cacert", 'c', true, "CA certificate for trustchain verification"),
            new("crl", 'l', true, "CRL for trustchain verification"), new("online", 'o', false, "enable online CRL/OCSP revocation checking"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        string? file = null;
        var isOnline = false;
        List<Certificate> authorities = [];
        List<Crl> crls = [];
        foreach (var o in options)
        {
            switch (o.Name)
            {
                case "in": file = o.Value; break;
                case "cacert": authorities.AddRange(Load(world, o, "parsing CA certificate failed", Files.Certificate)); break;
                case "crl": crls.AddRange(Load(world, o, "parsing CRL failed", Files.Crl)); break;
                case "online": isOnline = true; break;
            }
        }
        var certificate = Files.Certificate(world, "in", file, "parsing certificate failed");
        // Without any CA, and where it is one of them, the certificate stands for itself.
        var isPinned = authorities.Count == 0 || authorities.Contains(certificate);
        var (result, worst) = new Validation(world, authorities, crls, isOnline).Run(certificate, isPinned);
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
        var revocation = crls.Count == 0 && !isOnline ? "" : worst switch
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

    // A CA or CRL that is not there would make the answer one to another question. In a directory other things may lie, but one of these has to.
    static List<T> Load<T>(Surroundings world, Given given, string failure, Func<Surroundings, string, string?, string, T> read)
    {
        List<T> found = [];
        Refusal? last = null;
        foreach (var file in Files.In(given.Name, given.Value, failure))
        {
            try
            {
                found.Add(read(world, given.Name, file, failure));
            }
            catch (Refusal e) when (file != given.Value)
            {
                world.Say(e.Message);
                last = e;
            }
        }
        return found.Count > 0 ? found : throw last ?? new Refusal($"{failure}: --{given.Name} '{given.Value}' is an empty directory");
    }
}
