// What charon's exit code tells the starter. Codes from 64 on make it stop, instead of starting the daemon again.
namespace Cygnet.Charon;

static class ExitCode
{
    /// <summary>The machine lacks something for now, such as room on a disk: starting again may help.</summary>
    public const int NotNow = 1;

    public const int Success = 0, LibraryIntegrity = 64, DaemonIntegrity = 65, InitializationFailed = 66;
}
