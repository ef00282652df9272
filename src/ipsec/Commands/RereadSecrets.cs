// ipsec rereadsecrets. ipsec(8).
using Cygnet.Config;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Commands;

/// <summary>
/// Reads ipsec.secrets, asks for passphrases where it says %prompt, and replaces all keys and secrets that came from there before: at once, or
/// not at all. A key that cannot be had is left out, as in the reference; a line that cannot be read leaves everything as it is.
/// </summary>
static class RereadSecrets
{
    public static void Run(Surroundings world, IVici charon)
    {
        var (files, file) = (new HostFiles(), Starter.Configuration.Stroke(world.Paths).SecretsFile ?? world.Paths.IpsecSecrets);
        var secrets = IpsecSecrets.Parse(file, files);
        // Complaints about the file come before anybody is asked for anything.
        foreach (var line in secrets.Errors.SelectMany(e => e.Lines)) world.Error.Write($"{line}\n");
        if (secrets.IsMissing || secrets.Errors.Any(e => !e.IsWarning))
        {
            world.Error.Write("the secrets that were loaded before stay\n");
            return;
        }
        var dialogue = new PassphraseDialogue(world.AskSecret, line => world.Out.Write($"{line}\n"));
        var plan = Lowering.PlanSecrets(secrets, files, new(world.Paths.IpsecD), dialogue, m => TokenRefusal(charon, m));
        var complaints = plan.Errors.Except(secrets.Errors).SelectMany(e => e.Lines).ToList();
        foreach (var line in complaints) world.Error.Write($"{line}\n");
        List<LoadRequest> requests = [Lowering.ClearSecrets(file, isAnew: true, complaints), .. plan.Credentials];
        if (Begin(charon, world) && requests.All(r => Done(world, $"{r.Command} '{r.Label}' failed", charon.Call(r.Command, r.Message)))) Done(world, "loading the secrets failed", charon.Call("x-commit"));
        else charon.Call("x-abort");
    }

    /// <summary>Null if the daemon can use the key on the token.</summary>
    public static string? TokenRefusal(IVici charon, ViciSection request)
    {
        var answer = charon.Call("x-check-token", request);
        return answer?.Boolean("success") == true ? null : answer?.Utf8("x-reason") ?? answer?.Utf8("errmsg") ?? "the daemon does not know tokens";
    }

    static bool Begin(IVici charon, Surroundings world) => Done(world, "loading the secrets failed", charon.Call("x-begin"));

    static bool Done(Surroundings world, string what, ViciSection? answer)
    {
        if (answer?.Boolean("success") == true) return true;
        world.Error.Write($"{what}: {answer?.Utf8("errmsg") ?? "the daemon does not know the command"}\nthe secrets that were loaded before stay\n");
        return false;
    }
}
