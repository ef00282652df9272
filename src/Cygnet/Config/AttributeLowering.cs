// From ipsec.d/aacerts and ipsec.d/acerts to VICI requests: attribute authorities and attribute certificates. ipsec(8).
using Cygnet.Control;
using Cygnet.Pki;

namespace Cygnet.Config;

/// <summary>Reads the two directories; a file that holds nothing of the kind is complained of.</summary>
public static class AttributeLowering
{
    /// <summary>ipsec.d/aacerts alone, for <c>rereadaacerts</c>.</summary>
    public static LoadPlan PlanAuthorities(IFileSource files, IpsecDirectories directories)
    {
        var plan = new LoadPlan();
        plan.LogList.Add($"rereading aa certificates from '{directories.AaCerts}'");
        foreach (var path in files.Glob($"{directories.AaCerts}/*")) Authority(plan, path, files);
        return plan;
    }

    /// <summary>ipsec.d/acerts alone, for <c>rereadacerts</c>.</summary>
    public static LoadPlan PlanCertificates(IFileSource files, IpsecDirectories directories)
    {
        var plan = new LoadPlan();
        plan.LogList.Add($"rereading attribute certificates from '{directories.Acerts}'");
        foreach (var path in files.Glob($"{directories.Acerts}/*")) Attributes(plan, path, files);
        return plan;
    }

    internal static void Authorities(LoadPlan plan, IFileSource files, IpsecDirectories directories)
    {
        plan.LogList.Add($"loading aa certificates from '{directories.AaCerts}'");
        foreach (var path in files.Glob($"{directories.AaCerts}/*")) Authority(plan, path, files);
    }

    internal static void Certificates(LoadPlan plan, IFileSource files, IpsecDirectories directories)
    {
        plan.LogList.Add($"loading attribute certificates from '{directories.Acerts}'");
        foreach (var path in files.Glob($"{directories.Acerts}/*")) Attributes(plan, path, files);
    }

    static void Authority(LoadPlan plan, string path, IFileSource files)
    {
        var reason = "the file cannot be read";
        if (files.ReadAllBytes(path) is not { } bytes || Certificate.TryParse(bytes, out reason) is not { } certificate)
        {
            plan.ErrorList.Add(new($"  loading AA certificate from '{path}' failed", null, $"'{path}': {reason}"));
            return;
        }
        plan.LogList.Add($"  loaded AA certificate \"{certificate.Subject}\" from '{path}'");
        plan.CredentialList.Add(new("load-cert", new ViciSection().Add("type", "X509").Add("flag", "AA").Add("data", certificate.Raw).Add("x-source", Lowering.SourceOf("AA")), path));
    }

    static void Attributes(LoadPlan plan, string path, IFileSource files)
    {
        var reason = "the file cannot be read";
        if (files.ReadAllBytes(path) is not { } bytes || AttributeCertificate.TryParse(bytes, out reason) is not { } attributes)
        {
            plan.ErrorList.Add(new($"  loading attribute certificate from '{path}' failed", null, $"'{path}': {reason}"));
            return;
        }
        plan.LogList.Add($"  loaded attribute certificate from '{path}'");
        plan.CredentialList.Add(new("load-cert", new ViciSection().Add("type", "X509_AC").Add("data", attributes.Raw), path));
    }
}
