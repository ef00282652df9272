// The secret of crash detection, kept in a file so that it outlives this process: charon.x-qcd.make, charon.x-qcd.file. RFC 6290 5.
using System.Security.Cryptography;
using Cygnet.Charon.Logging;
using Cygnet.Ike;

namespace Cygnet.Charon;

static class CrashSecret
{
    /// <summary>Reads the secret, or makes one; null, and why in the log, if neither can be done: then there are no tokens.</summary>
    public static CrashTokens? Open(string path, Log log)
    {
        try
        {
            if (!File.Exists(path)) Create(path);
            var secret = File.ReadAllBytes(path);
            if (secret.Length == CrashTokens.SecretBytes) return new(secret);
            log.Write(LogGroup.Cfg, 1, $"no crash detection tokens: '{path}' does not hold {CrashTokens.SecretBytes} bytes; remove it to have a new secret made");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Write(LogGroup.Cfg, 1, $"no crash detection tokens: {e.Message}; 'charon.x-qcd.file' names the file of their secret");
        }
        return null;
    }

    /// <summary>Whole or not at all, and for its owner alone from the first moment on.</summary>
    static void Create(string path)
    {
        var made = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        try
        {
            using (var file = new FileStream(made, options))
            {
                file.Write(RandomNumberGenerator.GetBytes(CrashTokens.SecretBytes));
                file.Flush(flushToDisk: true);
            }
            File.Move(made, path);
        }
        catch (IOException)
        {
            File.Delete(made); // on a full disk it is there, and short
            throw;
        }
    }
}
