// ipsec rereadcacerts, rereadaacerts, rereadocspcerts, rereadacerts, rereadcrls: the files of a directory of ipsec.d go to charon again. ipsec(8).
using Cygnet.Config;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Commands;

/// <summary>
/// Each directory in a transaction of its own: it counts as a whole, or what was loaded before stays. A file that cannot be read is complained of
/// and left out, as in the reference; a directory that cannot be read changes nothing.
/// </summary>
static class Reread
{
    // A value holds 64 KiB and a message 512: so much of a message is certificates.
    const int MostBytes = 400_000;

    /// <summary>
    /// What a word rereads: the words of the log, and the certificates. With a flag those that were loaded before from there are replaced, else
    /// they are added to.
    /// </summary>
    sealed record Part(string Word, string What, Func<IpsecDirectories, string> Directory, Func<IFileSource, IpsecDirectories, LoadPlan> Plan, string? Flag);

    static readonly Part[] s_parts =
    [
        new("rereadcacerts", "ca certificates", d => d.CaCerts, Lowering.PlanCaCertificates, "CA"),
        new("rereadaacerts", "aa certificates", d => d.AaCerts, AttributeLowering.PlanAuthorities, "AA"),
        new("rereadocspcerts", "ocsp signer certificates", d => d.OcspCerts, Lowering.PlanOcspCertificates, null),
        new("rereadacerts", "attribute certificates", d => d.Acerts, AttributeLowering.PlanCertificates, null),
        new("rereadcrls", "crls", d => d.Crls, Lowering.PlanCrls, null),
    ];

    public static IEnumerable<string> Words => s_parts.Select(p => p.Word);

    /// <summary>Prints nothing but complaints, on standard error.</summary>
    public static void Run(IVici charon, Surroundings world, string word)
    {
        var part = s_parts.First(p => p.Word == word);
        var directories = new IpsecDirectories(world.Paths.IpsecD);
        if (HostFiles.Complaint(part.Directory(directories)) is { } complaint)
        {
            // An empty list would take away what cannot be seen at the moment.
            world.Error.Write($"{complaint}\nthose that were loaded before stay\n");
            return;
        }
        var plan = part.Plan(new HostFiles(), directories);
        foreach (var line in plan.Errors.SelectMany(e => e.Lines)) world.Error.Write($"{line}\n");
        List<LoadRequest> requests = part.Flag is null ? [.. plan.Credentials] : [.. Replacing(plan, part.Flag, part.Directory(directories))];
        var said = LogLines.For([.. plan.Log, .. plan.Errors.Select(e => e.Lines.First())]);
        if (Done(charon.Call("x-begin")) && requests.TrueForAll(r => Done(charon.Call(r.Command, r.Message)))) Done(charon.Call("x-commit", said));
        else charon.Call("x-abort");

        bool Done(ViciSection? answer)
        {
            if (answer?.Boolean("success") == true) return true;
            world.Error.Write($"loading {part.What} failed: {answer?.Utf8("errmsg") ?? "the daemon does not know the command"}; those that were loaded before stay\n");
            return false;
        }
    }

    /// <summary>The certificates of a plan as one replacement, in as many messages as they need.</summary>
    static IEnumerable<LoadRequest> Replacing(LoadPlan plan, string flag, string directory)
    {
        var rest = plan.Credentials.Select(c => c.Message.Bytes("data") ?? []).ToList();
        do
        {
            var bytes = 0;
            var fitting = rest.TakeWhile(data => (bytes += data.Length) <= MostBytes || bytes == data.Length).ToList();
            rest.RemoveRange(0, fitting.Count);
            var message = new ViciSection().Add("type", "X509").Add("flag", flag).Add("source", Lowering.SourceOf(flag)).AddList("data", fitting);
            if (rest.Count > 0) message.Add("more", "yes");
            yield return new("x-replace-certs", message, directory);
        }
        while (rest.Count > 0);
    }
}
